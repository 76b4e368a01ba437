import { CALL_TAGS, type CallTags, OPEN_MARKERS } from './call-formats.ts'
import { confirmCalls } from './confirm-calls.ts'
import { CallFollower } from './follow-calls.ts'
import { JSON_FORMS, NAMED_FORM, PYTHON_FORM, TAGGED_FORMS } from './followed-forms.ts'
import { findMarker } from '../text/find-marker.ts'
import type { KnownTool, ParsedToolCall } from './parse-tool-calls.ts'
import { readCalls, readOpenCalls, type ReadCalls } from './read-calls.ts'
import type { ToolPiece } from './tool-piece.ts'

/** Separates a model's tool calls from its text. */
export interface ToolCallSplitter {
  push(text: string): ToolPiece[]
  /** @param isCut - the answer was truncated: an incomplete call does not count */
  flush(isCut?: boolean): ToolPiece[]
}

const JSON_CALL_STARTS = ['name', 'type', 'function', 'id', 'arguments', 'parameters', 'tool_name'].flatMap((key) => [
  `{"${key}"`,
  `[{"${key}"`,
])
/** Bare JSON after other text starts on a new line. */
const LINE_MARKERS = ['\n{"name"', '\n{ "name"', '\n[{"name"', '\n{"type": "function"', '\n{"function"', '\n{\n  "name"', '\n{\n"name"']
const CONTENT_MARKERS = [...CALL_TAGS.map(({ open }) => open), ...OPEN_MARKERS, ...LINE_MARKERS]
/** Closing tags that remain when a model has omitted the opening ones. */
const STRAY_CLOSES = ['</tool_call>', '</function>']
const MARKERS_AFTER_CALL = [...CONTENT_MARKERS, ...STRAY_CLOSES]
/** Withheld text is parsed again only once it has grown by this factor: parsing it after each piece would take quadratic time. */
const GROWTH = 1.05

type Phase =
  | { readonly kind: 'start' | 'content' | 'bare' }
  | { readonly kind: 'tagged'; readonly tags: CallTags }
  | { readonly kind: 'open'; readonly marker: string }

/** Whether text that starts this way may still turn out to be a call without a tag: as JSON, or in Python syntax. */
function mayBeBareCall(text: string, tools: readonly KnownTool[]): boolean {
  const head = text.slice(0, 200).replaceAll(/\s/g, '')
  if (JSON_CALL_STARTS.some((start) => head.startsWith(start) || start.startsWith(head))) return true
  return tools.some(({ name }) => head.startsWith(`[${name}(`) || `[${name}(`.startsWith(head))
}

const isSelfNamed = (open: string): boolean => open.endsWith('=')

function followerOf(phase: Phase, tools: readonly KnownTool[]): CallFollower | null {
  if (phase.kind === 'bare') return new CallFollower([...JSON_FORMS, PYTHON_FORM], tools, false)
  if (phase.kind === 'tagged') {
    const follower = new CallFollower(TAGGED_FORMS, tools, !isSelfNamed(phase.tags.open))
    if (isSelfNamed(phase.tags.open)) follower.push(phase.tags.open)
    return follower
  }
  if (phase.kind !== 'open') return null
  const follower = new CallFollower([...JSON_FORMS, NAMED_FORM, PYTHON_FORM], tools, phase.marker === '<|python_tag|>')
  if (phase.marker === 'functools[') follower.push('[')
  return follower
}

/**
 * Text that looks like a call but is not one is emitted as content. Whitespace before a call is dropped.
 *
 * @param tools - the tools of the request; without any, nothing is a call
 */
export function createToolCallSplitter(tools: readonly KnownTool[]): ToolCallSplitter {
  let phase: Phase = { kind: tools.length > 0 ? 'start' : 'content' }
  let held = ''
  /** Whitespace before a marker, which is dropped if a call follows. */
  let gap = ''
  let isAfterCall = false
  /** The position at which the search for a closing marker continues, and the length at which the held text is parsed again. */
  let searched = 0
  let nextLength = 0
  /** The calls up to the end of a closing marker, if that marker is not part of a value. */
  let candidate: { readonly calls: readonly ParsedToolCall[]; readonly end: number } | null = null

  let follower: CallFollower | null = null
  /** How much of the withheld text the follower has seen. */
  let followed = 0

  const content = (text: string): ToolPiece[] => (text === '' ? [] : [{ type: 'content', text }])
  const isKnown = ({ name }: ParsedToolCall): boolean => tools.some((tool) => tool.name === name)
  const enter = (next: Phase): void => {
    phase = next
    searched = 0
    nextLength = 0
    candidate = null
    follower = followerOf(next, tools)
    followed = 0
  }
  const follow = (): ToolPiece[] => {
    const news = held.slice(followed)
    followed = held.length
    return follower?.push(news) ?? []
  }
  const take = (calls: readonly ParsedToolCall[], rest: string): ToolPiece[] => {
    held = rest
    isAfterCall = true
    gap = ''
    const begun = follower?.calls ?? []
    enter({ kind: 'content' })
    return confirmCalls(calls, begun)
  }
  const release = (text: string, rest: string, isCut = false): ToolPiece[] => {
    const shown = gap + text
    const hasBegun = (follower?.calls.length ?? 0) > 0
    held = rest
    isAfterCall = false
    gap = ''
    enter({ kind: 'content' })
    return hasBegun ? [{ type: 'call-broken', text: shown, isCut }] : content(shown)
  }

  const takeContent = (isEnd: boolean, isCut: boolean): ToolPiece[] => {
    if (isAfterCall) held = held.trimStart()
    if (tools.length === 0) {
      const text = held
      held = ''
      return content(text)
    }
    const { before, marker, rest } = findMarker(held, isAfterCall ? MARKERS_AFTER_CALL : CONTENT_MARKERS)
    if (marker === null) {
      const shown = isEnd ? held : before.trimEnd()
      held = held.slice(shown.length)
      isAfterCall &&= shown.trim() === ''
      return content(isAfterCall ? '' : shown)
    }
    if (STRAY_CLOSES.includes(marker)) {
      held = rest
      isAfterCall = before.trim() === ''
      return [...content(isAfterCall ? '' : before + marker), ...drain(isEnd, isCut)]
    }
    const shown = before.trimEnd()
    gap = before.slice(shown.length)
    held = rest
    isAfterCall &&= shown === ''
    const tags = CALL_TAGS.find(({ open }) => open === marker)
    if (tags) enter({ kind: 'tagged', tags })
    else if (OPEN_MARKERS.includes(marker)) enter({ kind: 'open', marker })
    else {
      gap += '\n'
      held = marker.slice(1) + rest
      enter({ kind: 'bare' })
    }
    return [...content(shown), ...drain(isEnd, isCut)]
  }

  const takeTagged = ({ open, close, isExplicit }: CallTags, isEnd: boolean, isCut: boolean): ToolPiece[] => {
    const read = (body: string, end: string): ReadCalls => {
      const result = readCalls(isSelfNamed(open) ? open + body + end : body, tools)
      return result.calls && !isExplicit && !result.calls.every(isKnown) ? { calls: null, isWhole: true } : result
    }
    if (!isExplicit && !mayGoOn(open, held)) return [...release(open, held), ...drain(isEnd, isCut)]
    for (let at = held.indexOf(close, searched); at >= 0; at = held.indexOf(close, searched)) {
      const { calls, isWhole } = read(held.slice(0, at), close)
      const rest = held.slice(at + close.length)
      const hasTags = /<function=|arg_key>|<parameter/.test(held.slice(0, at))
      if (calls && (isWhole || !hasTags)) return [...take(calls, rest), ...drain(isEnd, isCut)]
      // Within a value the marker is part of the value, and the marker that closes the call comes later, if at all.
      if (calls) candidate ??= { calls, end: at + close.length }
      else if (isWhole && candidate) break
      else if (isWhole) return [...release(open + held.slice(0, at) + close, rest), ...drain(isEnd, isCut)]
      searched = at + close.length
    }
    searched = Math.max(searched, held.length - close.length + 1)
    if (!isEnd) return []
    if (candidate) {
      const { calls, end } = candidate
      return [...take(calls, held.slice(end)), ...drain(isEnd, isCut)]
    }
    const { calls, isWhole } = read(held, '')
    return calls && (isWhole || !isCut) ? take(calls, '') : release(open + held, '', isCut)
  }

  /**
   * Whether a block that is not necessarily a call may still be one, judging by its text so far. Text that cannot be a
   * call is emitted at once.
   */
  const mayGoOn = (open: string, body: string): boolean => {
    if (open === '```json') return mayBeBareCall(body, tools)
    if (!open.startsWith('<')) return true
    const name = body.replace(/^["']/, '').split(/["'>\s]/, 1)[0] ?? ''
    const isNamed = /["'>\s]/.test(body.replace(/^["']/, ''))
    return tools.some((tool) => (isNamed ? tool.name === name : tool.name.startsWith(name)))
  }

  const takeOpen = (marker: string, isEnd: boolean, isCut: boolean): ToolPiece[] => {
    if (!isEnd && (held.length < nextLength || marker === '<|python_tag|>')) return []
    nextLength = Math.ceil(held.length * GROWTH)
    if (marker === '<|python_tag|>') {
      const { calls, isWhole } = readCalls(held, tools)
      return calls && (isWhole || !isCut) ? take(calls, '') : release(marker + held, '', isCut)
    }
    const isList = marker === 'functools['
    const { calls, isWhole, end } = readOpenCalls(isList ? `[${held}` : held)
    if (!isWhole && !isEnd) return []
    const accepted = calls !== null && (isWhole || !isCut) && (!isList || calls.every(isKnown))
    const pieces = accepted ? take(calls, held.slice(end - (isList ? 1 : 0))) : release(marker, held, isCut)
    return [...pieces, ...drain(isEnd, isCut)]
  }

  /** Text without tags is a call only if its name is known: otherwise it could just as well be an answer. */
  const takeBare = (isEnd: boolean, isCut: boolean): ToolPiece[] => {
    if (!isEnd && held.length < nextLength) return []
    nextLength = Math.ceil(held.length * GROWTH)
    if (!mayBeBareCall(held, tools)) return [...release('', held), ...drain(isEnd, isCut)]
    const { calls, isWhole, end } = readOpenCalls(held)
    const rest = held.slice(end).replace(/^[\s;,]*/, '')
    if (calls?.every(isKnown) === true && isWhole && (isEnd || rest !== '')) {
      const pieces = take(calls, rest)
      if (/^[[{]/.test(rest)) enter({ kind: 'bare' })
      return [...pieces, ...drain(isEnd, isCut)]
    }
    if (!isEnd) return []
    const last = readCalls(held, tools)
    return last.calls?.every(isKnown) === true && (last.isWhole || !isCut) ? take(last.calls, '') : release(held, '', isCut)
  }

  const drain = (isEnd: boolean, isCut: boolean): ToolPiece[] => {
    if (phase.kind === 'start') {
      const head = held.trim()
      // A list, or the marker that starts with the same bracket.
      if (!isEnd && '[TOOL_CALLS]'.startsWith(head)) return []
      enter({ kind: /^[[{]/.test(head) && !head.startsWith('[TOOL_CALLS]') ? 'bare' : 'content' })
    }
    if (phase.kind === 'tagged') return [...follow(), ...takeTagged(phase.tags, isEnd, isCut)]
    if (phase.kind === 'open') return [...follow(), ...takeOpen(phase.marker, isEnd, isCut)]
    if (phase.kind === 'bare') return held === '' && isEnd ? [] : [...follow(), ...takeBare(isEnd, isCut)]
    return held === '' ? [] : takeContent(isEnd, isCut)
  }

  return {
    push: (text) => {
      held += text
      return drain(false, false)
    },
    flush: (isCut = false) => drain(true, isCut),
  }
}
