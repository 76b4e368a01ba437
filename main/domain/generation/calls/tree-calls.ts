import { coerceArgument, type KnownTool, type ParsedToolCall, textArgument } from './parse-tool-calls.ts'

/** Before each tag of MiniMax M3's calls. */
export const MINIMAX_TAG = ']<]minimax[>['

interface Element {
  readonly name: string
  readonly children: Element[]
  text: string
}

/** A text, a list of `item`s, or an object. */
function valueOf({ text, children }: Element): unknown {
  if (children.length === 0) return text
  if (children.every(({ name }) => name === 'item')) return children.map(valueOf)
  return Object.fromEntries(children.map((child) => [child.name, valueOf(child)]))
}

interface Tools {
  readonly parameters?: { readonly properties?: Readonly<Record<string, unknown>> } | undefined
}

function argumentsOf(tools: readonly KnownTool[], tool: string, elements: readonly Element[]): string {
  const { parameters } = (tools.find(({ name }) => name === tool) ?? {}) as Tools
  const typed = (element: Element): unknown => {
    const value = valueOf(element)
    return typeof value === 'string'
      ? textArgument(tools, tool, element.name, value)
      : coerceArgument(value, parameters?.properties?.[element.name], parameters)
  }
  return JSON.stringify(Object.fromEntries(elements.map((element) => [element.name, typed(element)])))
}

/** MiniMax M3's calls, whose arguments are elements by their names; null: the text ends within one. */
export function readMinimaxTrees(text: string, tools: readonly KnownTool[]): ParsedToolCall[] | null {
  const root: Element = { name: '', children: [], text: '' }
  const open = [root]
  for (const part of text.split(MINIMAX_TAG).slice(1)) {
    const [, close = '', name = '', rest = ''] = /^<(\/?)([^>]*)>(.*)$/s.exec(part) ?? []
    if (name === '') return null
    if (close !== '') open.pop()
    else {
      const element: Element = { name, children: [], text: rest }
      open.at(-1)?.children.push(element)
      open.push(element)
    }
    if (open.length === 0) break
  }
  if (open.length > 1) return null
  const calls = root.children.flatMap(({ name, children }) => {
    const tool = /^invoke\s+name=["']?([^"'\s]+)/.exec(name)?.[1]
    return tool === undefined ? [] : [{ name: tool, argumentsJson: argumentsOf(tools, tool, children) }]
  })
  return calls.length > 0 ? calls : null
}

const attribute = (attributes: string, name: string): string =>
  (new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1] ?? '').replaceAll('&quot;', '"').replaceAll('&amp;', '&')

const KIMI_CALL = /<\|open\|>call\s(.*?)<\|sep\|>(.*?)<\|close\|>call<\|sep\|>/gs
const KIMI_ARGUMENT = /<\|open\|>(argument|json)\s(.*?)<\|sep\|>(.*?)<\|close\|>\1<\|sep\|>/gs

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text // as it is written
  }
}

/** An argument of Kimi K3, whose type is one of its attributes. */
export const kimiArgument = (attributes: string, value: string): readonly [name: string, value: unknown] => [
  attribute(attributes, 'key'),
  attribute(attributes, 'type') === 'string' ? value : jsonOf(value),
]

/** Kimi K3's calls, whose arguments have a type; null: there is no complete one. */
export function readKimiTrees(text: string): ParsedToolCall[] | null {
  const calls = [...text.matchAll(KIMI_CALL)].map(([, head = '', body = '']) => {
    const args = [...body.matchAll(KIMI_ARGUMENT)].flatMap(([, kind, attributes = '', value = '']) => {
      if (kind === 'json') return Object.entries(Object(jsonOf(value)) as object)
      return [kimiArgument(attributes, value)]
    })
    return { name: attribute(head, 'tool'), argumentsJson: JSON.stringify(Object.fromEntries(args)) }
  })
  return calls.length > 0 ? calls : null
}
