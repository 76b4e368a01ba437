import type { ApiContext } from '../api-server.ts'
import type { StreamOptions } from './send-stream.ts'
import { waitingComment } from './waiting-comment.ts'

/** A server-sent event; without a name, as OpenAI's older APIs send them. */
export function formatEvent(data: unknown, name?: string): string {
  return `${name === undefined ? '' : `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`
}

/** Clients skip comments; people who watch a long prompt do not. */
export function formatProgress({ doneTokens, totalTokens }: { doneTokens: number; totalTokens: number }): string {
  return `: prefill_progress ${doneTokens}/${totalTokens}\n\n`
}

/**
 * How a stream of server-sent events is sent.
 *
 * @param model - as the client named it: while there is nothing else to send, the client reads how far it is
 */
export function eventStream(
  context: ApiContext,
  model: string,
  signal: AbortSignal,
  formatError: (error: unknown) => string,
  keepAlive = (): string => waitingComment(context.cluster.state(), model),
): StreamOptions {
  const { keepAliveMs, stalledClientMs } = context
  return { contentType: 'text/event-stream; charset=utf-8', keepAlive, keepAliveMs, stalledClientMs, formatError, signal }
}
