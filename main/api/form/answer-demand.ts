import type { AnswerStart, CallRule, InferenceRequest, Prompt, ToolDefinition } from '../../shared/inference/inference.ts'
import { isJsonObject, type JsonObject } from '../../shared/formats/json-value.ts'
import { boundTools, isCertainTool } from '../../domain/generation/form/bound-tools.ts'
import { isCertain } from '../../domain/generation/form/certain-schema.ts'
import { choiceGrammar } from '../../domain/generation/form/demand-grammar.ts'
import { enforceableSchema } from '../../domain/generation/form/enforceable-schema.ts'
import { optionalGroups } from '../../domain/generation/form/patterns/optional-groups.ts'
import { boundedSchema } from '../../domain/generation/form/bounded-schema.ts'
import { isHeldPattern } from '../../domain/generation/form/patterns/held-pattern.ts'
import type { Grammar } from '../../shared/inference/grammar.ts'
import { ApiError } from '../api-error.ts'
import { AppError } from '../../shared/app-error.ts'
import { checkedSchema } from './checked-schema.ts'
import { patternFault } from './pattern-fault.ts'
import { slowPattern } from './slow-pattern.ts'

/** The required form of an answer, which is checked after the answer where a grammar does not hold it. */
export type CheckedDemand =
  /** JSON that matches the schema. If the model was given tools, a tool call is accepted too. */
  | { readonly kind: 'json'; readonly schema: JsonObject /** Formats count. */; readonly isStrict: boolean }
  /** One of these texts. */
  | { readonly kind: 'choice'; readonly choices: readonly string[] }
  /** A text that matches the regular expression as a whole. */
  | { readonly kind: 'pattern'; readonly pattern: string }
  /** A call of the tool with that name; null: a call of any tool. */
  | { readonly kind: 'call'; readonly name: string | null }

/** A text of the grammar, which only the engine can check. `param` is the field that contains it. */
export interface GrammarDemand {
  readonly kind: 'grammar'
  readonly grammar: Grammar
  readonly param: string
}

export type AnswerDemand = CheckedDemand | GrammarDemand

/** The reason for another attempt after an answer that its model would not have ended. */
export const REPEATS_ITSELF = 'it repeats itself'
/** Varied enough to leave a loop. */
const TEMPERATURE_AFTER_LOOP = 0.8

const ANY_OBJECT: JsonObject = { type: 'object' }

function parsedSchema(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null // refused as no schema
  }
}

/** @param given - a schema, or its text */
function schemaOf(given: unknown, param: string): JsonObject {
  const value = typeof given === 'string' ? parsedSchema(given) : given
  if (isJsonObject(value)) return value
  throw new ApiError(400, 'invalid_value', `'${param}' must contain a JSON schema, which is an object.`, { param })
}

/**
 * The demand of a response format in any API: both shapes of OpenAI, and those of Anthropic, Ollama (`json` or a
 * schema), vLLM and llama.cpp.
 *
 * @throws ApiError 400 for an unknown format
 */
export async function jsonDemand(format: unknown, param: string): Promise<AnswerDemand | null> {
  if (format === null || format === undefined || format === '') return null
  if (format === 'json') return { kind: 'json', schema: ANY_OBJECT, isStrict: false }
  if (!isJsonObject(format))
    throw new ApiError(400, 'invalid_value', `'${param}' must be "json", a schema, or an object with a type.`, { param })
  const { type, schema, json_schema: nested } = format
  if (type === 'text') return null
  if (type === 'json_object')
    return isJsonObject(schema)
      ? { kind: 'json', schema: await checkedSchema(schema, param, false), isStrict: false }
      : { kind: 'json', schema: ANY_OBJECT, isStrict: false }
  if (type === 'json_schema') {
    const isStrict = (isJsonObject(nested) ? nested : format)['strict'] === true
    const given = schemaOf(isJsonObject(nested) && 'schema' in nested ? nested['schema'] : (schema ?? nested), param)
    return { kind: 'json', schema: await checkedSchema(given, param, isStrict), isStrict }
  }
  throw new ApiError(
    400,
    'unsupported_value',
    `This node does not support this value of '${param}': the type must be 'text', 'json_object' or 'json_schema'.`,
    { param },
  )
}

/**
 * @param name - null: any tool
 * @throws ApiError 400 if there is no such tool
 */
function callDemand(name: string | null, tools: readonly { readonly name: string }[]): AnswerDemand {
  if (tools.length === 0)
    throw new ApiError(400, 'invalid_value', "'tool_choice' requires a call, but the request has no tools.", { param: 'tool_choice' })
  if (name !== null && !tools.some((tool) => tool.name === name))
    throw new ApiError(400, 'invalid_value', `'tool_choice' names the tool '${name}', which is not among 'tools'.`, {
      param: 'tool_choice',
    })
  return { kind: 'call', name }
}

/**
 * The demand of a tool choice, in the shape of OpenAI or Anthropic.
 *
 * @throws ApiError 400 if it cannot be met
 */
export function toolDemand(choice: unknown, tools: readonly { readonly name: string }[]): AnswerDemand | null {
  if (choice === null || choice === undefined || choice === 'auto' || choice === 'none') return null
  if (choice === 'required') return callDemand(null, tools)
  if (isJsonObject(choice)) {
    const { type, name, function: called } = choice
    if (type === 'auto' || type === 'none') return null
    if (type === 'any') return callDemand(null, tools)
    const chosen = isJsonObject(called) ? called['name'] : name
    if ((type === 'function' || type === 'tool') && typeof chosen === 'string') return callDemand(chosen, tools)
  }
  throw new ApiError(
    400,
    'unsupported_value',
    "This node does not support this value of 'tool_choice': it must be auto, none, required, or name a function.",
    { param: 'tool_choice' },
  )
}

/** The demand of vLLM's choices or pattern. @throws ApiError 400 if they are invalid */
export async function textDemand(choices: unknown, pattern: unknown): Promise<AnswerDemand | null> {
  if (choices !== undefined && choices !== null) {
    if (
      Array.isArray(choices) &&
      choices.length > 0 &&
      choices.every((choice): choice is string => typeof choice === 'string' && choice !== '')
    )
      return { kind: 'choice', choices }
    throw new ApiError(400, 'invalid_value', "'guided_choice' is a list of texts.", { param: 'guided_choice' })
  }
  if (pattern === undefined || pattern === null || pattern === '') return null
  if (typeof pattern === 'string') {
    const fault = patternFault(pattern) ?? ((await slowPattern([pattern])) === null ? null : 'the pattern takes too long on some texts')
    if (fault !== null) throw new AppError('invalid-request', `'guided_regex' cannot be used: ${fault}.`, { param: 'guided_regex' })
    return { kind: 'pattern', pattern }
  }
  throw new ApiError(400, 'invalid_value', "'guided_regex' is a regular expression, as text.", { param: 'guided_regex' })
}

function instruction(demand: CheckedDemand, tools: readonly ToolDefinition[], misfit: string | null): string {
  const again = misfit === null ? '' : `\nAn earlier answer was refused: ${misfit}.`
  if (demand.kind === 'call')
    return `Call ${demand.name === null ? 'one of the tools' : `the tool "${demand.name}"`} now, and write nothing else.${again}`
  if (demand.kind === 'choice')
    return `Answer with one of these texts, as it stands, and nothing else:\n${demand.choices.join('\n')}${again}`
  if (demand.kind === 'pattern')
    return `Answer with a text that the regular expression ${demand.pattern} matches as a whole, and nothing else.${again}`
  const isAny = demand.schema === ANY_OBJECT
  const what = isAny ? 'one JSON object' : `JSON that fits this JSON schema:\n${JSON.stringify(demand.schema)}\nWrite the JSON`
  const lead = tools.length > 0 ? 'Unless you call a tool, answer with' : 'Answer with'
  return `${lead} ${what} and nothing else: ${isAny ? '' : 'no schema, '}no explanation, no Markdown.${again}`
}

/** The text that every matching answer starts with, as far as the schema determines it. */
function jsonStart({ type, properties, required }: JsonObject): string {
  if (type === 'array') return '['
  if (type !== 'object' && properties === undefined) return ''
  const [first] = isJsonObject(properties) ? Object.keys(properties) : []
  return first !== undefined && Array.isArray(required) && required.includes(first) ? `{${JSON.stringify(first)}:` : '{'
}

function startOf(demand: CheckedDemand, tools: readonly ToolDefinition[], afterThinking: boolean): AnswerStart | null {
  if (demand.kind === 'call')
    return { kind: 'call', name: demand.name ?? (tools.length === 1 ? (tools[0]?.name ?? null) : null), afterThinking }
  if (demand.kind !== 'json') return null
  const text = tools.length > 0 ? '' : jsonStart(demand.schema)
  return text === '' ? null : { kind: 'text', text, afterThinking }
}

/**
 * Adds the text to the newest message if it is the user's, or else to the system message, so that the start of the
 * prompt stays the same.
 */
function withInstruction(prompt: Extract<Prompt, { kind: 'messages' }>, text: string): typeof prompt.messages {
  const messages = [...prompt.messages]
  const last = messages.at(-1)
  const [first] = messages
  if (last?.role === 'user') messages[messages.length - 1] = { ...last, content: `${last.content}\n\n${text}` }
  else if (first?.role === 'system') messages[0] = { ...first, content: `${first.content}\n\n${text}` }
  else messages.unshift({ role: 'system', content: text })
  return messages
}

/** The grammar of all texts that meet a demand; null: none does, or only words ask for it. */
export function grammarOf(demand: AnswerDemand, isBounded = false): Grammar | null {
  switch (demand.kind) {
    case 'json':
      return { kind: 'json-schema', text: JSON.stringify(enforceableSchema(isBounded ? boundedSchema(demand.schema) : demand.schema)) }
    case 'choice':
      return choiceGrammar(demand.choices)
    case 'pattern':
      return isHeldPattern(demand.pattern) ? { kind: 'regex', text: optionalGroups(demand.pattern) } : null
    case 'grammar':
      return demand.grammar
    case 'call':
      return null
  }
}

/** The calls that meet a demand, or that may stand in place of the JSON; null: none. */
function callsOf(demand: CheckedDemand, tools: readonly ToolDefinition[], isParallel: boolean): CallRule | null {
  if (demand.kind === 'call') {
    const { name } = demand
    const allowed = name === null ? tools : tools.filter((tool) => tool.name === name)
    return { isRequired: true, tools: boundTools(allowed, () => true), isParallel: isParallel && name === null }
  }
  return demand.kind === 'json' && tools.length > 0 ? { isRequired: false, tools: boundTools(tools, () => true), isParallel } : null
}

/** Whether every answer that the engine allows meets the demand, so that it can be sent while it is generated. */
export function isCertainDemand(demand: CheckedDemand, tools: readonly ToolDefinition[]): boolean {
  switch (demand.kind) {
    case 'json':
      return isCertain(demand.schema) && tools.every(isCertainTool)
    case 'call':
      return tools.every(isCertainTool)
    case 'choice':
    case 'pattern':
      return true
  }
}

export interface DemandManner {
  /** False: the model's engine has refused the grammar. */
  readonly isEnforced: boolean
  /** False: at most one call. */
  readonly isParallel: boolean
}

/**
 * The request with an instruction that asks for what a demand requires, and with a grammar that enforces it where one can. A prompt that
 * is not a chat stays as it is: only the grammar changes.
 *
 * @param misfit - why the previous answer was rejected: the model is told the reason, and samples greedily. Without a grammar, it
 *   does not think first either. After one that repeated itself, it samples freely, and its texts and lists have limits.
 */
export function demandingRequest(
  request: InferenceRequest,
  demand: CheckedDemand,
  misfit: string | null,
  { isEnforced, isParallel }: DemandManner,
): InferenceRequest {
  const { prompt } = request
  const isChat = prompt.kind === 'messages'
  const tools = isChat ? prompt.tools : []
  // The client has begun the answer itself.
  const canEnforce = isEnforced && !(isChat && prompt.answerStart !== undefined)
  const grammar = canEnforce ? grammarOf(demand, misfit === REPEATS_ITSELF) : null
  const calls = canEnforce && isChat ? callsOf(demand, tools, isParallel) : null
  const answerStart = grammar === null && calls === null ? startOf(demand, tools, misfit !== null) : null
  return {
    ...request,
    ...(grammar === null ? {} : { grammar }),
    ...(calls === null ? {} : { calls }),
    ...(isChat
      ? {
          prompt: {
            ...prompt,
            messages: withInstruction(prompt, instruction(demand, tools, misfit)),
            ...(answerStart === null ? {} : { answerStart }),
          },
        }
      : {}),
    requestId: `${request.requestId}${isEnforced ? '' : '-free'}${misfit === null ? '' : '-again'}`,
    ...(misfit === null ? {} : { temperature: misfit === REPEATS_ITSELF ? TEMPERATURE_AFTER_LOOP : 0 }),
  }
}
