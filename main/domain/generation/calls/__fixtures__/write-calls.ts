import { isJsonObject, type JsonObject } from '../../../../shared/formats/json-value.ts'
import { type ArgumentStyle, CALL_FORMS, type CallFormName } from '../call-forms.ts'

export interface WrittenCall {
  readonly name: string
  readonly args: JsonObject
}

/** JSON with the blanks that Python puts into it. */
const spaced = (value: unknown): string =>
  Array.isArray(value)
    ? `[${value.map(spaced).join(', ')}]`
    : isJsonObject(value)
      ? `{${Object.entries(value)
          .map(([key, entry]) => `${JSON.stringify(key)}: ${spaced(entry)}`)
          .join(', ')}}`
      : JSON.stringify(value)

/** A value in Python's notation. */
function python(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (value === null) return 'None'
  if (Array.isArray(value)) return `[${value.map(python).join(', ')}]`
  if (isJsonObject(value))
    return `{${Object.entries(value)
      .map(([key, entry]) => `${python(key)}: ${python(entry)}`)
      .join(', ')}}`
  if (typeof value !== 'string') return JSON.stringify(value)
  const quote = value.includes("'") && !value.includes('"') ? '"' : "'"
  const escaped = value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\t', '\\t').replaceAll(quote, `\\${quote}`)
  return quote + escaped + quote
}

/** Gemma's notation, with texts between marks and bare keys. */
function gemma(value: unknown, mark: string): string {
  if (typeof value === 'string') return mark + value + mark
  if (Array.isArray(value)) return `[${value.map((entry) => gemma(entry, mark)).join(',')}]`
  if (isJsonObject(value))
    return `{${Object.entries(value)
      .map(([key, entry]) => `${key}:${gemma(entry, mark)}`)
      .join(',')}}`
  return JSON.stringify(value)
}

const bare = (value: unknown): string => (typeof value === 'string' ? value : spaced(value))

const each = (args: JsonObject, write: (key: string, value: unknown) => string, between = ''): string =>
  Object.entries(args)
    .map(([key, value]) => write(key, value))
    .join(between)

/** How models of a family write arguments, which is what their templates show them of earlier calls. */
const ARGUMENTS: Readonly<Record<ArgumentStyle, (args: JsonObject) => string>> = {
  json: spaced,
  python: (args) => each(args, (key, value) => `${key}=${python(value)}`, ', '),
  gemma: (args) => each(args, (key, value) => `${key}:${gemma(value, '<escape>')}`, ','),
  gemma4: (args) => each(args, (key, value) => `${key}:${gemma(value, '<|"|>')}`, ','),
  qwen: (args) => each(args, (key, value) => `<parameter=${key}>\n${bare(value)}\n</parameter>\n`),
  glm: (args) => each(args, (key, value) => `<arg_key>${key}</arg_key>\n<arg_value>${bare(value)}</arg_value>\n`),
  longcat: (args) =>
    each(args, (key, value) => `<longcat_arg_key>${key}</longcat_arg_key>\n<longcat_arg_value>${bare(value)}</longcat_arg_value>\n`),
  minimax: (args) => each(args, (key, value) => `<parameter name="${key}">${bare(value)}</parameter>\n`),
  minicpm: (args) => each(args, (key, value) => `<param name="${key}">${bare(value)}</param>`),
  deepseek: (args) => each(args, (key, value) => deepseek(key, value, '')),
  'deepseek-v4.1': (args) => each(args, (key, value) => deepseek(key, value, ' ')),
}

const deepseek = (key: string, value: unknown, space: string): string =>
  `<｜DSML｜${space}parameter name="${key}" string="${String(typeof value === 'string')}">${bare(value)}</｜DSML｜${space}parameter>\n`

/** The text in which a model of a family calls tools. */
export function writeCalls(form: CallFormName, calls: readonly WrittenCall[]): string {
  const { section, call, separator, style, isNumbered } = CALL_FORMS[form]
  const [before, between, after] = call
  const written = calls.map(
    ({ name, args }, place) => `${before}${name}${isNumbered ? `:${place}` : ''}${between}${ARGUMENTS[style](args)}${after}`,
  )
  return section[0] + written.join(separator) + section[1]
}
