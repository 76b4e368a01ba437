import type { ChatMessage, InferenceRequest, Prompt } from '../../shared/inference/inference.ts'
import type { AnthropicMessage, ContentBlock, CountTokensRequest, MessagesRequest, TextContent } from '../../shared/wire/api/anthropic.ts'
import { ApiError } from '../api-error.ts'
import { toGenerationSettings } from '../prompt/generation-settings.ts'
import { type AnswerDemand, toolDemand } from '../form/answer-demand.ts'
import { formDemand } from '../form/form-demand.ts'

/** Claude Code puts this header before its system prompt. It changes with each call and would defeat the prefix cache. */
const BILLING_HEADER = /^x-anthropic-billing-header:/

function unsupportedBlock(type: string, param: string): ApiError {
  return new ApiError(400, 'unsupported_value', `This node reads text only, not blocks of type '${type}'.`, { param: `${param}.type` })
}

function blockTexts(content: TextContent, param: string): string[] {
  if (typeof content === 'string') return [content]
  return content.map((block, index) => {
    if (block.type === 'text' && typeof block['text'] === 'string') return block['text']
    throw unsupportedBlock(block.type, `${param}[${index}]`)
  })
}

/** The schema does not accept a malformed block of a known type as an unknown one. */
function isBlock<Type extends 'text' | 'tool_use' | 'tool_result'>(
  block: ContentBlock,
  type: Type,
): block is Extract<ContentBlock, { type: Type }> {
  return block.type === type
}

function assistantMessage(blocks: readonly ContentBlock[], param: string): ChatMessage {
  const texts: string[] = []
  const thoughts: string[] = []
  const toolCalls: NonNullable<ChatMessage['toolCalls']> = []
  for (const [index, block] of blocks.entries()) {
    if (isBlock(block, 'text')) texts.push(block.text)
    else if (isBlock(block, 'tool_use')) toolCalls.push({ id: block.id, name: block.name, argumentsJson: JSON.stringify(block.input) })
    else if (block.type === 'thinking') thoughts.push(typeof block['thinking'] === 'string' ? block['thinking'] : '')
    else if (block.type !== 'redacted_thinking') throw unsupportedBlock(block.type, `${param}[${index}]`)
  }
  const reasoning = thoughts.join('\n')
  return {
    role: 'assistant',
    content: texts.join(''),
    ...(reasoning === '' ? {} : { reasoning }),
    ...(toolCalls.length > 0 ? { toolCalls } : {}),
  }
}

/** A user turn can hold the results of several tools, which chat templates expect as separate messages, in order. */
function userMessages(blocks: readonly ContentBlock[], param: string): ChatMessage[] {
  const messages: ChatMessage[] = []
  for (const [index, block] of blocks.entries()) {
    const place = `${param}[${index}]`
    if (isBlock(block, 'tool_result')) {
      const { tool_use_id: toolCallId, content } = block
      messages.push({ role: 'tool', content: blockTexts(content ?? '', `${place}.content`).join('\n'), toolCallId })
    } else if (isBlock(block, 'text')) {
      const last = messages.at(-1)
      if (last?.role === 'user') messages[messages.length - 1] = { ...last, content: `${last.content}\n${block.text}` }
      else messages.push({ role: 'user', content: block.text })
    } else throw unsupportedBlock(block.type, place)
  }
  return messages.length > 0 ? messages : [{ role: 'user', content: '' }]
}

function toChatMessages({ role, content }: AnthropicMessage, index: number): ChatMessage[] {
  if (typeof content === 'string') return [{ role, content }]
  const param = `messages[${index}].content`
  return role === 'assistant' ? [assistantMessage(content, param)] : userMessages(content, param)
}

/** The start of the answer, given as a last message of the assistant; null: there is none. */
function beginningOf(messages: readonly ChatMessage[]): string | null {
  const last = messages.at(-1)
  if (last?.role !== 'assistant') return null
  if (messages.length === 1)
    throw new ApiError(400, 'invalid_value', 'A prefill of the answer must follow a user message.', {
      param: 'messages',
    })
  // Calls are complete: the assistant's next turn follows.
  return (last.toolCalls ?? []).length > 0 ? null : last.content.trimEnd()
}

/** @throws ApiError 400 for unsupported requests */
export function toMessagesPrompt(body: CountTokensRequest): Prompt {
  const choice = body.tool_choice?.type ?? 'auto'
  const system = body.system ? blockTexts(body.system, 'system').filter((text) => !BILLING_HEADER.test(text)) : []
  const thinking = body.thinking?.type
  const messages = body.messages.flatMap(toChatMessages)
  const begun = beginningOf(messages)
  return {
    kind: 'messages',
    ...(begun === null ? {} : { answerStart: { kind: 'text' as const, text: begun, afterThinking: true } }),
    messages: [
      ...(system.length > 0 ? [{ role: 'system' as const, content: system.join('\n') }] : []),
      ...(begun === null ? messages : messages.slice(0, -1)),
    ],
    tools: (choice === 'none' ? [] : (body.tools ?? [])).map(({ name, description, input_schema: parameters }) => ({
      name,
      ...(typeof description === 'string' ? { description } : {}),
      parameters,
    })),
    templateVariables: thinking === undefined ? {} : { enable_thinking: thinking !== 'disabled' },
  }
}

/** The required form of the answer; null: anything. @throws ApiError 400 */
export async function toMessagesDemand(body: MessagesRequest): Promise<AnswerDemand | null> {
  return toolDemand(body.tool_choice, body.tools ?? []) ?? formDemand(body)
}

/** @throws ApiError 400 for unsupported requests */
export function toMessagesInference(body: MessagesRequest, requestId: string): InferenceRequest {
  return {
    requestId,
    model: body.model,
    prompt: toMessagesPrompt(body),
    maxTokens: body.max_tokens,
    ...toGenerationSettings({ ...body, stop: body.stop_sequences }),
    topLogprobs: null,
    promptLogprobs: false,
  }
}
