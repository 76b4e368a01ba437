import { findMarker } from './find-marker.ts'
import type { KnownTool, ParsedToolCall } from './parse-tool-calls.ts'
import { parseJsonCalls, parseNamedCalls, parseTaggedCall } from './parse-tool-calls.ts'

export type ToolPiece = { readonly type: 'content'; readonly text: string } | { readonly type: 'tool-call'; readonly call: ParsedToolCall }

/** Tells the calls that a model makes from what it says. */
export interface ToolCallSplitter {
  push(text: string): ToolPiece[]
  flush(): ToolPiece[]
}

const OPEN = '<tool_call>'
const CLOSE = '</tool_call>'
/** All that follows these is calls. */
const LAST_MARKERS = ['[TOOL_CALLS]', '<|python_tag|>']
const JSON_CALL_STARTS = ['name', 'type', 'function', 'id', 'arguments', 'parameters'].flatMap((key) => [`{"${key}"`, `[{"${key}"`])

/** Whether text that begins so may yet turn out to be a call in bare JSON, as Llama 3 and Mistral write it once special tokens are left out. */
function mayBeJsonCall(text: string): boolean {
  const head = text.slice(0, 200).replaceAll(/\s/g, '')
  return JSON_CALL_STARTS.some((start) => head.startsWith(start) || start.startsWith(head))
}

/**
 * Text that looks like a call and is none comes out as content. Blank space before a call goes.
 *
 * @param tools - those that the model was told of; without any, nothing is a call
 */
export function createToolCallSplitter(tools: readonly KnownTool[]): ToolCallSplitter {
  let phase: 'start' | 'json' | 'content' | 'tagged' | 'rest' = tools.length > 0 ? 'start' : 'content'
  let held = ''
  let lastMarker = ''
  /** Blank space before a marker: it goes if a call follows. */
  let gap = ''
  let isAfterCall = false

  const content = (text: string): ToolPiece[] => (text === '' ? [] : [{ type: 'content', text }])
  const calls = (parsed: readonly ParsedToolCall[] | null, raw: string): ToolPiece[] => {
    isAfterCall = parsed !== null
    return parsed?.map((call): ToolPiece => ({ type: 'tool-call', call })) ?? content(gap + raw)
  }

  /** Bare JSON is a call only by a name that the model was told of: it may as well be an answer. */
  const bareCalls = (text: string): ParsedToolCall[] | null => {
    const parsed = parseJsonCalls(text)
    return parsed?.every((call) => tools.some((tool) => tool.name === call.name)) === true ? parsed : null
  }

  const takeContent = (isEnd: boolean): ToolPiece[] => {
    if (isAfterCall) held = held.trimStart()
    if (tools.length === 0 || isEnd) {
      const text = held
      held = ''
      return content(text)
    }
    const { before, marker, rest } = findMarker(held, [OPEN, ...LAST_MARKERS])
    if (marker !== null) {
      phase = marker === OPEN ? 'tagged' : 'rest'
      lastMarker = marker
      held = rest
      const shown = before.trimEnd()
      gap = before.slice(shown.length)
      return [...content(shown), ...drain(isEnd)]
    }
    const shown = before.trimEnd()
    held = held.slice(shown.length)
    isAfterCall &&= shown === ''
    return content(shown)
  }

  const takeTagged = (isEnd: boolean): ToolPiece[] => {
    const { before, marker, rest } = findMarker(held, [CLOSE])
    if (marker === null && !isEnd) return []
    const inner = marker === null ? held : before
    held = marker === null ? '' : rest
    phase = 'content'
    return [...calls(parseTaggedCall(inner, tools), OPEN + inner + (marker ?? '')), ...drain(isEnd)]
  }

  const drain = (isEnd: boolean): ToolPiece[] => {
    if (phase === 'start') {
      if (held.trim() === '' && !isEnd) return []
      phase = /^\s*[[{]/.test(held) ? 'json' : 'content'
    }
    if (phase === 'json') {
      if (!isEnd && mayBeJsonCall(held)) return []
      if (isEnd) {
        const raw = held
        held = ''
        return calls(bareCalls(raw), raw)
      }
      phase = 'content'
    }
    if (phase === 'tagged') return takeTagged(isEnd)
    if (phase === 'rest') {
      if (!isEnd) return []
      const raw = held
      held = ''
      return calls(parseJsonCalls(raw) ?? parseNamedCalls(raw), lastMarker + raw)
    }
    return takeContent(isEnd)
  }

  return {
    push: (text) => {
      held += text
      return drain(false)
    },
    flush: () => drain(true),
  }
}
