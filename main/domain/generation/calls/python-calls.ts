import { readRelaxedJson } from '../json/read-relaxed-json.ts'

export interface PythonCall {
  readonly name: string
  readonly args: Readonly<Record<string, unknown>>
}

/** Parses `name(key=value, …)` from `start`; null: there is no call; `cut`: it ends within a value. */
function readCall(text: string, start: number): { call: PythonCall; end: number } | 'cut' | null {
  const head = /\s*(?:print\s*\(\s*)?([A-Za-z_][\w.-]*)\s*\(/y
  head.lastIndex = start
  const found = head.exec(text)
  if (!found) return null
  const name = (found[1] ?? '').replace(/\.call$/, '')
  const args: [string, unknown][] = []
  let at = head.lastIndex
  for (;;) {
    const end = /\s*,?\s*\)/y
    end.lastIndex = at
    if (end.exec(text)) return { call: { name, args: Object.fromEntries(args) }, end: end.lastIndex }
    const key = /\s*,?\s*([A-Za-z_][\w-]*)\s*=\s*/y
    key.lastIndex = at
    const named = key.exec(text)
    if (!named) return null
    const value = readRelaxedJson(text, key.lastIndex)
    if (value?.isCut) return 'cut'
    if (!value?.isWhole) return null
    args.push([named[1] ?? '', value.value])
    at = value.end
  }
}

/**
 * Calls in Python syntax: `[f(a=1), g()]`, one per line, or one in `print()`.
 * Null: the text is something else; `cut`: it ends within a value.
 */
export function readPythonCalls(text: string): PythonCall[] | 'cut' | null {
  const trimmed = text.trim()
  const isOpen = trimmed.startsWith('[') && !trimmed.endsWith(']')
  const inner = trimmed.startsWith('[') ? trimmed.slice(1, isOpen ? undefined : -1) : trimmed
  const calls: PythonCall[] = []
  let at = 0
  while (inner.slice(at).trim() !== '') {
    const read = readCall(inner, at)
    if (read === null || read === 'cut') return read
    calls.push(read.call)
    at = read.end
    const between = /\s*[),;]*\s*/y
    between.lastIndex = at
    between.exec(inner)
    at = between.lastIndex
  }
  if (isOpen && calls.length > 0) return 'cut'
  return calls.length > 0 ? calls : null
}
