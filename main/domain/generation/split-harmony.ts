import { confirmCalls } from './calls/confirm-calls.ts'
import { CallFollower } from './calls/follow-calls.ts'
import type { FollowedForm } from './calls/followed-forms.ts'
import { findMarker } from './text/find-marker.ts'
import type { KnownTool } from './calls/parse-tool-calls.ts'
import { readArguments } from './calls/read-arguments.ts'
import type { ToolPiece } from './calls/tool-piece.ts'

export type HarmonyPiece = { readonly type: 'reasoning'; readonly text: string } | ToolPiece

/** Splits text in GPT-OSS's format into messages, each with a header that names its channel. */
export interface HarmonySplitter {
  push(text: string): HarmonyPiece[]
  /** @param isCut - the answer was truncated: an incomplete call does not count */
  flush(isCut?: boolean): HarmonyPiece[]
}

const START = '<|start|>'
const CHANNEL = '<|channel|>'
const MESSAGE = '<|message|>'
const END = '<|end|>'

/** Tokens of the format that stay in the model's text, because they delimit its messages. */
export const HARMONY_MARKERS: readonly string[] = [START, CHANNEL, '<|constrain|>', MESSAGE, END]

/** Whether a prompt leaves the header of the assistant's message open, as templates of this format do. */
export function asksForHarmony(promptText: string): boolean {
  return promptText.trimEnd().endsWith(`${START}assistant`)
}

type Message = { readonly kind: 'reasoning' | 'content' } | { readonly kind: 'call'; readonly name: string }

/** `analysis` is reasoning; `commentary` addressed to a function is a call; everything else is content. */
function messageOf(header: string, tools: readonly KnownTool[]): Message {
  const recipient = /\bto=(?:functions\.)?([\w.-]+)/.exec(header)?.[1]
  if (recipient !== undefined && tools.some((tool) => tool.name === recipient)) return { kind: 'call', name: recipient }
  const channel = /<\|channel\|>\s*(\w+)/.exec(header)?.[1]
  return { kind: channel === 'analysis' ? 'reasoning' : 'content' }
}

/** The name is in the header, which is put before the message for the follower. */
const FORM: FollowedForm = { head: /^(?<name>[\w.-]+)\n\s*(?=\{)/, args: 'json', tail: null }

/** Whether text that starts this way is a header, or may still turn out to be one. */
function mayBeHeader(text: string): boolean {
  const head = text.trimStart()
  return [START, CHANNEL, MESSAGE, 'to='].some((start) => head.startsWith(start) || start.startsWith(head))
}

/**
 * Text without headers is emitted as content, and so is a call whose arguments are not a JSON object.
 *
 * @param tools - the tools of the request; without any, nothing is a call
 */
export function createHarmonySplitter(tools: readonly KnownTool[]): HarmonySplitter {
  /** null: within a header. */
  let message: Message | null = null
  let held = ''
  let isAtStart = true
  let wasCut = false
  let follower: CallFollower | null = null
  /** How much of the message the follower has seen. */
  let followed = 0

  const takeHeader = (isEnd: boolean): HarmonyPiece[] => {
    const { before, marker, rest } = findMarker(held, [MESSAGE])
    if (isAtStart && !mayBeHeader(held)) message = { kind: 'content' }
    else if (marker === null) return []
    else {
      message = messageOf(before, tools)
      held = rest
      follower = message.kind === 'call' ? new CallFollower([FORM], tools, false) : null
      followed = 0
      if (message.kind === 'call') follower?.push(`${message.name}\n`)
    }
    isAtStart = false
    return drain(isEnd)
  }

  const takeMessage = (current: Message, isEnd: boolean): HarmonyPiece[] => {
    const { before, marker, rest } = findMarker(held, [END, START, CHANNEL])
    const isComplete = marker !== null || isEnd
    const text = isEnd && marker === null ? held : before
    const news = follower?.push(text.slice(followed)) ?? []
    followed = text.length
    if (current.kind === 'call' && !isComplete) return news
    held = held.slice(text.length)
    if (marker !== null) {
      message = null
      held = marker === END ? rest : marker + rest
    }
    const pieces = text === '' ? [] : [...news, ...piecesOf(current, text, wasCut && marker === null)]
    return marker === null ? pieces : [...pieces, ...drain(isEnd)]
  }

  const piecesOf = (current: Message, text: string, isCut: boolean): HarmonyPiece[] => {
    if (current.kind !== 'call') return [{ type: current.kind, text }]
    const read = readArguments(text)
    const begun = follower?.calls ?? []
    if (read && (read.isWhole || !isCut)) return confirmCalls([{ name: current.name, argumentsJson: read.argumentsJson }], begun)
    return [begun.length > 0 ? { type: 'call-broken', text, isCut } : { type: 'content', text }]
  }

  const drain = (isEnd: boolean): HarmonyPiece[] => (message === null ? takeHeader(isEnd) : takeMessage(message, isEnd))

  return {
    push: (text) => {
      held += text
      return drain(false)
    },
    flush: (isCut = false) => {
      wasCut = isCut
      return drain(true)
    },
  }
}
