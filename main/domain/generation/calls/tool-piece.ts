import type { FollowedPiece } from './follow-calls.ts'
import type { ParsedToolCall } from './parse-tool-calls.ts'

/** The calls that were started end as `tool-call`s, in the same order; or none of them is a call, and `text` is what was written. */
export type ToolPiece =
  | { readonly type: 'content'; readonly text: string }
  | FollowedPiece
  | { readonly type: 'tool-call'; readonly call: ParsedToolCall }
  | { readonly type: 'call-broken'; readonly text: string /** The answer was cut short within the call. */; readonly isCut: boolean }
