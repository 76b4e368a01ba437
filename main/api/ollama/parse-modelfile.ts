import { ApiError } from '../api-error.ts'

/** The fields of a Modelfile, which older clients send instead of separate fields. */
export interface Modelfile {
  readonly from: string | null
  readonly system: string | null
  readonly template: string | null
  readonly license: string | null
  readonly adapter: string | null
  readonly parameters: Readonly<Record<string, unknown>>
  readonly messages: readonly { readonly role: string; readonly content: string }[]
}

const INSTRUCTION = /^[ \t]*([A-Za-z]+)[ \t]+/
/** How Ollama's own engine reads and writes a model's prompts: here, the model's files say it. */
const LEFT_TO_THE_MODEL = ['requires', 'renderer', 'parser']
const FENCES = ['"""', '"']

/** The value that starts at `start`, up to the end of its line or the closing quotes. */
function readValue(text: string, start: number): { readonly value: string; readonly end: number } {
  const fence = FENCES.find((quotes) => text.startsWith(quotes, start))
  const lineEnd = text.indexOf('\n', start) === -1 ? text.length : text.indexOf('\n', start)
  if (fence === undefined) return { value: text.slice(start, lineEnd).trim(), end: lineEnd }
  const close = text.indexOf(fence, start + fence.length)
  if (close === -1) throw new ApiError(400, 'invalid_value', `A text in the Modelfile has no closing ${fence}.`, { param: 'modelfile' })
  return { value: text.slice(start + fence.length, close), end: close + fence.length }
}

function toNumberOrText(value: string): unknown {
  if (/^-?\d+(\.\d+)?$/.test(value)) return Number(value)
  return value === 'true' ? true : value === 'false' ? false : value
}

/** @throws ApiError 400 for an invalid Modelfile */
export function parseModelfile(text: string): Modelfile {
  const single: Record<string, string> = {}
  const parameters: Record<string, unknown> = {}
  const messages: { role: string; content: string }[] = []
  for (let at = 0; at < text.length; ) {
    const lineEnd = text.indexOf('\n', at) === -1 ? text.length : text.indexOf('\n', at)
    const line = text.slice(at, lineEnd)
    const found = INSTRUCTION.exec(line)
    if (line.trim() === '' || line.trim().startsWith('#')) {
      at = lineEnd + 1
      continue
    }
    const word = found?.[1]?.toLowerCase() ?? ''
    let start = at + (found?.[0].length ?? 0)
    if (word === 'parameter' || word === 'message') {
      const name = /^(\S+)[ \t]+/.exec(text.slice(start, lineEnd))
      if (!name)
        throw new ApiError(400, 'invalid_value', `The line "${line.trim().slice(0, 80)}" in the Modelfile has no value.`, {
          param: 'modelfile',
        })
      start += name[0].length
      const { value, end } = readValue(text, start)
      const key = name[1] ?? ''
      if (word === 'message') messages.push({ role: key.toLowerCase(), content: value })
      else if (key === 'stop') parameters[key] = [...((parameters[key] as string[] | undefined) ?? []), value]
      else parameters[key] = toNumberOrText(value)
      at = end
    } else if (LEFT_TO_THE_MODEL.includes(word)) at = readValue(text, start).end
    else if (['from', 'system', 'template', 'license', 'adapter'].includes(word)) {
      const { value, end } = readValue(text, start)
      single[word] = value
      at = end
    } else
      throw new ApiError(400, 'invalid_value', `The Modelfile has an unknown instruction: "${line.trim().slice(0, 80)}".`, {
        param: 'modelfile',
      })
    at = text.indexOf('\n', at) === -1 ? text.length : text.indexOf('\n', at) + 1
  }
  const of = (name: string): string | null => single[name] ?? null
  return {
    from: of('from'),
    system: of('system'),
    template: of('template'),
    license: of('license'),
    adapter: of('adapter'),
    parameters,
    messages,
  }
}
