import { coerceArgument, type KnownTool, type ParsedToolCall, textArgument } from './parse-tool-calls.ts'

/** The marks around texts in the notation of FunctionGemma and of Gemma 4; JSON's own are accepted too. */
const QUOTES = ['<escape>', '<|"|>', '"']
const SCALARS: Readonly<Record<string, unknown>> = { true: true, false: false, null: null, None: null, none: null }
const MOST_LEVELS = 64

/** A value and where it ends. `isBare`: it has no marks around it. */
interface Read {
  readonly value: unknown
  readonly isBare: boolean
  readonly end: number
}

function scalarOf(text: string): unknown {
  if (Object.hasOwn(SCALARS, text)) return SCALARS[text]
  return /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text) ? Number(text) : text
}

/** A text in marks; null: it does not end. */
function readText(text: string, at: number): Read | null {
  const quote = QUOTES.find((candidate) => text.startsWith(candidate, at))
  if (quote === undefined) return null
  const start = at + quote.length
  let end = text.indexOf(quote, start)
  if (quote !== '"') return end < 0 ? null : { value: text.slice(start, end), isBare: false, end: end + quote.length }
  while (end > 0 && /(?<!\\)(?:\\\\)*\\$/.test(text.slice(start, end))) end = text.indexOf('"', end + 1)
  if (end < 0) return null
  try {
    return { value: JSON.parse(text.slice(at, end + 1)), isBare: false, end: end + 1 }
  } catch {
    return { value: text.slice(start, end), isBare: false, end: end + 1 }
  }
}

const skip = (text: string, at: number): number => at + (/^[\s,]*/.exec(text.slice(at, at + 64))?.[0].length ?? 0)

function readValue(text: string, at: number, level: number): Read | null {
  if (level > MOST_LEVELS) return null
  if (text[at] === '{') {
    const read = readFields(text, at + 1, level + 1)
    return read && { value: Object.fromEntries(read.fields.map(([key, { value }]) => [key, value])), isBare: false, end: read.end }
  }
  if (text[at] === '[') {
    const items: unknown[] = []
    for (let next = skip(text, at + 1); ; ) {
      if (text[next] === ']') return { value: items, isBare: false, end: next + 1 }
      const item = readValue(text, next, level + 1)
      if (item === null || item.end === next) return null
      items.push(item.isBare ? scalarOf(String(item.value)) : item.value)
      next = skip(text, item.end)
    }
  }
  if (QUOTES.some((quote) => text.startsWith(quote, at))) return readText(text, at)
  const bare = /^[^,}\]]*(?=[,}\]])/.exec(text.slice(at))?.[0]
  return bare === undefined ? null : { value: bare.trim(), isBare: true, end: at + bare.length }
}

/** The fields of an object up to its brace; null: the text ends before it. */
function readFields(text: string, start: number, level: number): { readonly fields: [string, Read][]; readonly end: number } | null {
  const fields: [string, Read][] = []
  for (let at = skip(text, start); ; ) {
    if (text[at] === '}') return { fields, end: at + 1 }
    const quoted = readText(text, at)
    const key = quoted ? String(quoted.value) : (/^[^\s:,{}[\]]+/.exec(text.slice(at))?.[0] ?? '')
    const colon = /^\s*:\s*/.exec(text.slice(quoted ? quoted.end : at + key.length))
    if (key === '' || !colon) return null
    const value = readValue(text, (quoted ? quoted.end : at + key.length) + colon[0].length, level)
    if (!value) return null
    fields.push([key, level > 0 && value.isBare ? { ...value, value: scalarOf(String(value.value)) } : value])
    at = skip(text, value.end)
  }
}

/** The value of an argument, in the type that its schema requires. */
function argumentOf(tools: readonly KnownTool[], tool: string, key: string, { value, isBare }: Read): unknown {
  const parameters = tools.find(({ name }) => name === tool)?.parameters as { properties?: Record<string, unknown> } | undefined
  if (typeof value !== 'string') return coerceArgument(value, parameters?.properties?.[key], parameters)
  const isKnown = parameters?.properties !== undefined && Object.hasOwn(parameters.properties, key)
  return isBare && !isKnown ? scalarOf(value) : textArgument(tools, tool, key, value)
}

/** Gemma's `call:name{key:<|"|>value<|"|>}`, one or several; null: the text ends within a call. */
export function readGemmaCalls(text: string, tools: readonly KnownTool[]): ParsedToolCall[] | null {
  const calls: ParsedToolCall[] = []
  for (let at = 0; ; ) {
    const head = /^[\s,;]*call:([\w.-]+)\s*\{/.exec(text.slice(at))
    if (!head) return calls.length > 0 ? calls : null
    const name = head[1] ?? ''
    const read = readFields(text, at + head[0].length, 0)
    if (!read) return null
    const args = Object.fromEntries(read.fields.map(([key, value]) => [key, argumentOf(tools, name, key, value)]))
    calls.push({ name, argumentsJson: JSON.stringify(args) })
    at = read.end
  }
}
