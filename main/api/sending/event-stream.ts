import type { ApiContext } from '../api-server.ts'
import type { StreamOptions } from './send-stream.ts'
import { waitingComment } from './waiting-comment.ts'

/** A server-sent event; without a name, as in OpenAI's older APIs. */
export function formatEvent(data: unknown, name?: string): string {
  return `${name === undefined ? '' : `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`
}

/** A comment with the prefill progress: clients skip it, but people who watch a long prompt can read it. */
export function formatProgress({ doneTokens, totalTokens }: { doneTokens: number; totalTokens: number }): string {
  return `: prefill_progress ${doneTokens}/${totalTokens}\n\n`
}

/**
 * Options for a stream of server-sent events.
 *
 * @param model - the name given by the client; while there is nothing else to send, the stream reports the loading
 *   progress of this model
 */
export function eventStream(
  context: ApiContext,
  model: string,
  signal: AbortSignal,
  formatError: (error: unknown) => string,
  keepAlive = (): string => waitingComment(context.cluster.state(), model),
): StreamOptions {
  const { keepAliveMs, stalledClientMs, timers } = context
  return { contentType: 'text/event-stream; charset=utf-8', keepAlive, keepAliveMs, stalledClientMs, timers, formatError, signal }
}
