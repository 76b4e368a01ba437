import type { FastifyReply } from 'fastify'
import type { Timers } from '../api-dependencies.ts'
import type { ApiError } from '../api-error.ts'
import { surfaceErrorBody } from '../surface-error-body.ts'
import { toApiError } from '../to-api-error.ts'

/** JSON allows whitespace between its parts, and readers skip it. */
const SPACE = ' '

/** An error has its status until this many intervals have passed: less than the minute after which proxies give up. */
const STATUS_INTERVALS = 9

/**
 * An answer that is ready within nine intervals of `keepAliveMs` is returned or throws as usual. A slower one starts at
 * that point: its headers are sent, and then a space at intervals, so that no client or proxy times out. If it fails after
 * that, its body is the error, because the status has already been sent.
 */
export async function sendWhole<Answer>(
  reply: FastifyReply,
  answer: Promise<Answer>,
  { keepAliveMs, timers }: { readonly keepAliveMs: number; readonly timers: Timers },
): Promise<Answer> {
  if (await isSettledWithin(answer, STATUS_INTERVALS * keepAliveMs, timers)) return answer
  const { raw, request } = reply
  if (raw.destroyed) return answer
  reply.hijack()
  const headers = reply.getHeaders() as Record<string, string>
  raw.writeHead(200, {
    ...headers,
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-cache',
    'x-accel-buffering': 'no',
  })
  raw.write(SPACE)
  const ended = new AbortController()
  timers.every(keepAliveMs, () => raw.write(SPACE), ended.signal)
  const errorBody: (error: ApiError) => unknown =
    request.routeOptions.config.errorBody ?? surfaceErrorBody(request.url.split('?', 1)[0] ?? '', request.headers, request.id)
  try {
    const whole = await answer
    raw.end(reply.serialize(whole))
    return whole
  } catch (error) {
    if (!raw.destroyed) raw.end(JSON.stringify(errorBody(toApiError(error))))
    return reply as Answer
  } finally {
    ended.abort()
  }
}

async function isSettledWithin(answer: Promise<unknown>, limitMs: number, timers: Timers): Promise<boolean> {
  const ended = new AbortController()
  const settled = answer.then(
    () => true,
    () => true,
  )
  const late = timers.sleep(limitMs, ended.signal).then(() => false)
  try {
    return await Promise.race([settled, late])
  } finally {
    ended.abort()
  }
}
