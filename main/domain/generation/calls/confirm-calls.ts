import type { FollowedCall } from './follow-calls.ts'
import type { ParsedToolCall } from './parse-tool-calls.ts'
import type { ToolPiece } from './tool-piece.ts'

/** The arguments of a call as a continuation of the streamed part; null if they contradict it. */
function continued(told: string, { argumentsJson }: ParsedToolCall): string | null {
  if (argumentsJson.startsWith(told)) return argumentsJson
  try {
    // The same values in another order, or with a repeated name.
    return JSON.stringify(JSON.parse(told)) === argumentsJson ? told : null
  } catch {
    return null // incomplete, with a different continuation
  }
}

/** The calls of a completely parsed text, the first of which have already been started. */
export function confirmCalls(calls: readonly ParsedToolCall[], begun: readonly FollowedCall[]): ToolPiece[] {
  const agreed = begun.map((told, place) => {
    const call = calls[place]
    const argumentsJson = call?.name === told.name ? continued(told.json, call) : null
    return call && argumentsJson !== null ? { ...call, argumentsJson } : null
  })
  const isTold = agreed.every((call) => call !== null)
  const whole = calls.map((call, place): ToolPiece => ({ type: 'tool-call', call: (isTold ? agreed[place] : null) ?? call }))
  return isTold ? whole : [{ type: 'call-broken', text: '', isCut: false }, ...whole]
}
