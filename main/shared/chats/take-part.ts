import type { MessageStatus, StoredMessage } from './chat.ts'
import { NO_WAYS, type RoleGroup, type ThreeWays } from './three-ways.ts'
import { type ChatToolCall, MOST_CALLS } from './tool-call.ts'

/** The parts of an answer: text as it is generated, then exactly one end. */
export type AnswerPart =
  | { readonly type: 'delta'; readonly content: string; readonly reasoning: string }
  | { readonly type: 'call'; readonly call: ChatToolCall }
  /** Parts of a trifurcated answer: more of the draft, the placement of a model, and the validator's verdict. */
  | { readonly type: 'draft'; readonly content: string }
  | { readonly type: 'group'; readonly group: RoleGroup }
  | { readonly type: 'verdict'; readonly verdict: NonNullable<ThreeWays['verdict']> }
  | {
      readonly type: 'end'
      readonly finishReason: 'stop' | 'length' | 'tool_calls' | 'cancelled' | null
      readonly stats: StoredMessage['stats']
    }

/** The answer after one more part. */
export function takePart(message: StoredMessage, part: AnswerPart): StoredMessage {
  const ways = message.ways ?? NO_WAYS
  switch (part.type) {
    case 'delta':
      return { ...message, content: message.content + part.content, reasoning: message.reasoning + part.reasoning }
    case 'call':
      return { ...message, calls: [...message.calls, withOwnId(part.call, message.calls)].slice(0, MOST_CALLS) }
    case 'draft':
      return { ...message, ways: { ...ways, draft: ways.draft + part.content } }
    case 'group':
      return { ...message, ways: { ...ways, groups: [...ways.groups.filter(({ role }) => role !== part.group.role), part.group] } }
    case 'verdict':
      return { ...message, ways: { ...ways, verdict: part.verdict } }
    case 'end':
      return { ...message, status: statusOf(part.finishReason), stats: addStats(message.stats, part.stats) }
  }
}

function statusOf(finishReason: Extract<AnswerPart, { type: 'end' }>['finishReason']): MessageStatus {
  if (finishReason === 'length') return 'cut'
  return finishReason === 'cancelled' ? 'stopped' : 'complete'
}

/** A continued answer counts the tokens of all its parts. */
function addStats(before: StoredMessage['stats'], added: StoredMessage['stats']): StoredMessage['stats'] {
  if (before === null || added === null) return added ?? before
  return {
    ...added,
    promptTokens: before.promptTokens,
    ttftMs: before.ttftMs,
    queueMs: before.queueMs,
    prefillTokensPerSecond: before.prefillTokensPerSecond,
    completionTokens: before.completionTokens + added.completionTokens,
    totalMs: before.totalMs + added.totalMs,
  }
}

/** Models may give several calls the same id. */
function withOwnId(call: ChatToolCall, others: readonly ChatToolCall[]): ChatToolCall {
  return others.some(({ id }) => id === call.id) ? { ...call, id: `${call.id.slice(0, 120)}-${others.length}` } : call
}
