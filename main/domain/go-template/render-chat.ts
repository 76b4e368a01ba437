import type { ChatMessage, ToolCall, ToolDefinition } from '../../shared/inference/inference.ts'
import { isJsonObject } from '../../shared/formats/json-value.ts'
import type { GoNode, Pipeline } from './go-template-node.ts'
import { parseGoTemplate } from './parse-go-template.ts'
import { mentions, renderGoTemplate } from './render-go-template.ts'

export interface GoChat {
  readonly messages: readonly ChatMessage[]
  readonly tools: readonly ToolDefinition[]
  /** Null if not given. */
  readonly think: boolean | null
}

/** A value whose fields have Go's names, and which is printed as JSON with its own names. */
function written(fields: Record<string, unknown>, json: unknown): Record<string, unknown> {
  return Object.defineProperty(fields, 'toJSON', { value: () => json, enumerable: false })
}

function toGoCall({ id, name, argumentsJson }: ToolCall, Index: number): Record<string, unknown> {
  const args = JSON.parse(argumentsJson) as unknown
  const called = { name, arguments: args }
  return written({ ID: id, Function: written({ Index, Name: name, Arguments: args }, called) }, { function: called })
}

function toGoProperty(property: unknown): unknown {
  return isJsonObject(property)
    ? written(
        { Type: property['type'], Description: property['description'] ?? '', Enum: property['enum'] ?? [], Items: property['items'] },
        property,
      )
    : property
}

function toGoTool({ name, description, parameters }: ToolDefinition): Record<string, unknown> {
  const schema = isJsonObject(parameters) ? parameters : {}
  const properties = Object.entries(isJsonObject(schema['properties']) ? schema['properties'] : {}).map(
    ([key, property]) => [key, toGoProperty(property)] as const,
  )
  const json = { name, ...(description === undefined ? {} : { description }), parameters: schema }
  const Parameters = written(
    { Type: schema['type'], Required: schema['required'] ?? [], Properties: Object.fromEntries(properties) },
    schema,
  )
  return written(
    { Type: 'function', Function: written({ Name: name, Description: description ?? '', Parameters }, json) },
    { type: 'function', function: json },
  )
}

function toGoMessage({ role, content, reasoning, name, toolCalls }: ChatMessage): Record<string, unknown> {
  return {
    Role: role,
    Content: content,
    Thinking: reasoning ?? '',
    ToolName: name ?? '',
    Images: [],
    ToolCalls: (toolCalls ?? []).map(toGoCall),
  }
}

/** Joins consecutive messages of the same role, and all system messages, like Ollama. */
function collate(messages: readonly ChatMessage[]): { readonly system: string; readonly messages: ChatMessage[] } {
  const merged: ChatMessage[] = []
  for (const message of messages) {
    const last = merged.at(-1)
    if (last?.role === message.role && message.role !== 'tool' && !last.toolCalls && !message.toolCalls)
      merged[merged.length - 1] = { ...last, content: `${last.content}\n\n${message.content}` }
    else merged.push(message)
  }
  const system = messages
    .filter(({ role }) => role === 'system')
    .map(({ content }) => content)
    .join('\n\n')
  return { system, messages: merged }
}

function reads(nodes: readonly GoNode[], name: string): boolean {
  const inPipeline = (pipeline: Pipeline): boolean => mentions(pipeline, name)
  return nodes.some(
    (node) =>
      ('pipeline' in node && inPipeline(node.pipeline)) || ('body' in node && (reads(node.body, name) || reads(node.otherwise, name))),
  )
}

/** The suffix that Ollama adds to a template without a placeholder for the answer. */
const ANSWER = parseGoTemplate('{{ .Response }}')

/** Templates from before messages were introduced render one question and its answer at a time. */
function renderTurns(nodes: readonly GoNode[], messages: readonly ChatMessage[], think: Record<string, unknown>): string {
  const texts: string[] = []
  let turn = { System: '', Prompt: '', Response: '' }
  const end = (): void => {
    texts.push(renderGoTemplate(nodes, { ...turn, ...think }))
    turn = { System: '', Prompt: '', Response: '' }
  }
  for (const { role, content } of messages) {
    if (role === 'system') {
      if (turn.Prompt !== '' || turn.Response !== '') end()
      turn.System = content
    } else if (role === 'assistant') turn.Response = content
    else {
      if (turn.Response !== '') end()
      turn.Prompt = content
    }
  }
  return [...texts, renderGoTemplate(nodes, { ...turn, ...think }, { endsAt: 'Response' })].join('')
}

/**
 * The prompt that a Go template renders from a conversation, like Ollama.
 *
 * @throws AppError `invalid-request` for an invalid template, or one that needs something unsupported
 */
export function renderChat(template: string, { messages, tools, think }: GoChat): string {
  const nodes = parseGoTemplate(template)
  const thinking = { Think: think === true, ThinkLevel: '', IsThinkSet: think !== null }
  const collated = collate(messages)
  if (!reads(nodes, 'Messages')) return renderTurns(reads(nodes, 'Response') ? nodes : [...nodes, ...ANSWER], collated.messages, thinking)
  return renderGoTemplate(nodes, {
    System: collated.system,
    Messages: collated.messages.map(toGoMessage),
    Tools: tools.map(toGoTool),
    Response: '',
    Prompt: '',
    Suffix: '',
    ...thinking,
  })
}
