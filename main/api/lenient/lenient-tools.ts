import { LARK, TEXT_ARGUMENT } from '../../domain/generation/form/lark/input-grammar.ts'
import { isRecord, recordsOf, type JsonRecord } from './json-record.ts'

/** A tool in the format of OpenAI's Responses API. */
export interface FlatTool {
  readonly type: 'function'
  readonly name: unknown
  readonly description?: unknown
  readonly parameters?: unknown
  readonly strict?: true
}

/** The schema that turns a tool with plain-text input into a function of one string. */
const TEXT_INPUT = {
  type: 'object',
  properties: { [TEXT_ARGUMENT]: { type: 'string', description: 'The whole input, as plain text.' } },
  required: [TEXT_ARGUMENT],
  additionalProperties: false,
}

/** The parameters of a tool of plain text, which a regular expression or a Lark grammar binds. */
function textInput(format: unknown): JsonRecord {
  const grammar = isRecord(format) && isRecord(format['grammar']) ? format['grammar'] : format
  const { syntax, definition } = isRecord(grammar) ? grammar : {}
  if (typeof definition !== 'string' || (syntax !== 'regex' && syntax !== 'lark')) return { parameters: TEXT_INPUT }
  const input = TEXT_INPUT.properties[TEXT_ARGUMENT]
  const bound = syntax === 'regex' ? { pattern: `^(?:${definition})$` } : { [LARK]: definition }
  return { parameters: { ...TEXT_INPUT, properties: { [TEXT_ARGUMENT]: { ...input, ...bound } } }, strict: true }
}

function fields(name: unknown, { description, parameters, strict }: JsonRecord): FlatTool {
  return {
    type: 'function',
    name,
    ...(typeof description === 'string' ? { description } : {}),
    ...(isRecord(parameters) ? { parameters } : {}),
    ...(strict === true ? { strict } : {}),
  }
}

/**
 * The tools that a model can be offered, in any format that clients send: functions in either of OpenAI's shapes or in
 * Anthropic's, functions in namespaces, and free-form tools. Tools that the server would have to run are left out.
 */
export function lenientTools(tools: unknown): FlatTool[] {
  return recordsOf(tools).flatMap((tool): FlatTool[] => {
    const { type, name } = tool
    const nested = isRecord(tool['function']) ? tool['function'] : isRecord(tool['custom']) ? tool['custom'] : null
    if (type === 'namespace') return lenientTools(tool['tools'])
    if (isRecord(tool['input_schema'])) return [fields(name, { ...tool, parameters: tool['input_schema'] })]
    if (type === 'custom') {
      const { name: ownName = name, description = tool['description'], format = tool['format'] } = nested ?? {}
      return [fields(ownName, { description, ...textInput(format) })]
    }
    const isNameless = (type === undefined || type === null) && nested === null && name === undefined
    if (isNameless) return [] // such as `{"googleSearch": {}}`
    if (type === 'function' || type === undefined || type === null) return [fields(nested ? nested['name'] : name, nested ?? tool)]
    return []
  })
}

/** Tools that are no list, as they came, so that the schema refuses them: without them, the answer would be another one. */
export function unlistedTools({ tools }: JsonRecord): { readonly tools?: unknown } {
  const isNone = tools === undefined || tools === null || tools === '' || (isRecord(tools) && Object.keys(tools).length === 0)
  return isNone || Array.isArray(tools) ? {} : { tools }
}

/** `auto`, `none`, `required`, or a specific function to call. */
export type LenientChoice = 'auto' | 'none' | 'required' | { readonly type: 'function'; readonly name: string }

const WORDS: Readonly<Record<string, LenientChoice>> = { '': 'auto', auto: 'auto', none: 'none', required: 'required', any: 'required' }

/** @returns null if the value has no known meaning */
export function lenientToolChoice(choice: unknown): LenientChoice | null {
  if (choice === null || choice === undefined) return 'auto'
  if (typeof choice === 'string') return WORDS[choice] ?? null
  if (!isRecord(choice)) return null
  const { type } = choice
  const nested = [choice['function'], choice['custom'], choice['tool']].find(isRecord)
  const name = nested?.['name'] ?? choice['name']
  if (typeof name === 'string') return { type: 'function', name }
  if (type === 'allowed_tools') return lenientToolChoice((isRecord(choice['allowed_tools']) ? choice['allowed_tools'] : choice)['mode'])
  if (typeof type === 'string' && Object.hasOwn(WORDS, type)) return WORDS[type] ?? null
  // It names nothing, or a server-side tool, which was left out.
  return type === 'function' ? null : 'auto'
}

/** The names that `allowed_tools` allows; null: all. */
function allowedNames(choice: unknown): readonly string[] | null {
  if (!isRecord(choice) || choice['type'] !== 'allowed_tools') return null
  const { tools } = isRecord(choice['allowed_tools']) ? choice['allowed_tools'] : choice
  return lenientTools(tools).flatMap(({ name }) => (typeof name === 'string' ? [name] : []))
}

/** The tools of a request and the choice among them, in either of OpenAI's shapes. */
export function lenientToolFields(body: JsonRecord): { tools: FlatTool[]; choice: LenientChoice | null } {
  const allowed = allowedNames(body['tool_choice'])
  const tools = [...lenientTools(body['tools']), ...lenientTools(body['functions'])]
  const given = body['tool_choice'] ?? body['function_call']
  const choice = typeof given === 'string' && tools.some(({ name }) => name === given) ? { type: 'function', name: given } : given
  return { tools: allowed === null ? tools : tools.filter(({ name }) => allowed.includes(String(name))), choice: lenientToolChoice(choice) }
}
