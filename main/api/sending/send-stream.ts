import type { ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'
import type { Timers } from '../api-dependencies.ts'
import { isStopping } from './open-calls.ts'
import { StreamQueue } from '../../platform/waiting/stream-queue.ts'
import { AppError } from '../../shared/app-error.ts'

export interface StreamOptions {
  readonly contentType: string
  /** Returns the text to send after `keepAliveMs` of silence, or three times that before the first chunk. */
  readonly keepAlive: () => string
  readonly keepAliveMs: number
  readonly stalledClientMs: number
  readonly timers: Timers
  /** The text that reports an error to a client in the middle of a stream. */
  readonly formatError: (error: unknown) => string
  /** Aborts when the client disconnects. */
  readonly signal: AbortSignal
}

/** An error has its status until this many intervals have passed without a chunk. */
const STATUS_INTERVALS = 3

type Arrival =
  | { readonly kind: 'chunk'; readonly result: IteratorResult<string> }
  | { readonly kind: 'silence' }
  | { readonly kind: 'gone' }

/**
 * Sends `chunks` as they arrive, no faster than the client reads them.
 *
 * A failure before the first chunk and the first keep-alive is thrown, because it can still be an HTTP status. Therefore
 * the first keep-alive comes later than the others. A later failure is written to the stream, which then ends.
 */
export async function sendStream(reply: FastifyReply, chunks: AsyncIterable<string>, options: StreamOptions): Promise<void> {
  const { signal, timers } = options
  const iterator = chunks[Symbol.asyncIterator]()
  const raw = reply.raw
  const arrived = new StreamQueue<Arrival>()
  const onGone = (): void => arrived.push({ kind: 'gone' })
  const ended = new AbortController()
  let isWaiting = false
  let quietSinceMs = timers.now()
  const watchSilence = async (): Promise<void> => {
    for (;;) {
      const patienceMs = options.keepAliveMs * (raw.headersSent ? 1 : STATUS_INTERVALS)
      await timers.sleep(quietSinceMs + patienceMs - timers.now(), ended.signal)
      if (timers.now() - quietSinceMs < patienceMs) continue
      quietSinceMs = timers.now()
      if (isWaiting) arrived.push({ kind: 'silence' })
    }
  }
  const advance = (): void => {
    const fail = (error: unknown): void => arrived.fail(error)
    iterator.next().then((result) => arrived.push({ kind: 'chunk', result }), fail)
  }
  // Not Promise.race: a pending promise would retain the results of the others, here every chunk until the answer ends.
  const arrival = async (): Promise<Arrival> => {
    isWaiting = true
    quietSinceMs = timers.now()
    const { value } = (await arrived.next()) as IteratorYieldResult<Arrival>
    isWaiting = false
    return value
  }
  signal.addEventListener('abort', onGone, { once: true })
  try {
    if (signal.aborted) onGone()
    // Ends with the stream, by rejecting.
    watchSilence().catch(() => undefined)
    advance()
    for (;;) {
      const came = await arrival()
      if (came.kind === 'gone') return sayLastWords(reply, options)
      if (!raw.headersSent) startStream(reply, options.contentType)
      if (came.kind === 'silence') await write(raw, options.keepAlive(), options)
      else if (came.result.done) return void raw.end()
      else {
        await write(raw, came.result.value, options)
        advance()
      }
    }
  } catch (error) {
    if (raw.destroyed) return
    if (signal.aborted) return sayLastWords(reply, options)
    if (!raw.headersSent) throw error
    raw.end(options.formatError(error))
  } finally {
    ended.abort()
    signal.removeEventListener('abort', onGone)
    // Not awaited: a waiting iterator returns only once its signal has aborted the wait.
    void Promise.resolve(iterator.return?.()).catch(() => undefined)
  }
}

/** Notifies a client that is still connected that the node is stopping. */
function sayLastWords({ raw }: FastifyReply, { signal, formatError }: StreamOptions): void {
  if (raw.destroyed || !isStopping(signal)) return
  if (!raw.headersSent) throw signal.reason
  raw.end(formatError(signal.reason))
}

function startStream(reply: FastifyReply, contentType: string): void {
  reply.hijack()
  const headers = reply.getHeaders() as Record<string, string>
  reply.raw.writeHead(200, { ...headers, 'content-type': contentType, 'cache-control': 'no-cache', 'x-accel-buffering': 'no' })
}

/** Resolves when the client can receive more. A client that is not ready for too long is disconnected. */
async function write(raw: ServerResponse, text: string, { signal, timers, stalledClientMs }: StreamOptions): Promise<void> {
  if (raw.write(text)) return
  const settled = new AbortController()
  await new Promise<void>((resolve, reject) => {
    const settle = (error?: Error): void => {
      settled.abort()
      raw.off('drain', settle)
      signal.removeEventListener('abort', onAbort)
      if (error) reject(error)
      else resolve()
    }
    const onAbort = (): void => settle()
    const onStalled = (): void => {
      raw.destroy()
      settle(new AppError('timeout', 'The client stopped reading.'))
    }
    timers.sleep(stalledClientMs, settled.signal).then(onStalled, () => undefined)
    raw.on('drain', settle)
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
  })
}
