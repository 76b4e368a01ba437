import type { IncomingMessage } from 'node:http'
import { ApiError } from '../api-error.ts'

/** A client that is still sending does not read an answer, so this much of an oversized body is read and discarded first. */
const DISCARD_FACTOR = 8

/** The total bytes of all bodies that are being read or parsed. */
export class BodyBudget {
  readonly #mostBytes: number
  #bytes = 0

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes
  }

  get isSpent(): boolean {
    return this.#bytes > this.#mostBytes
  }

  add(bytes: number): void {
    this.#bytes += bytes
  }
}

/**
 * Reads a request body of at most `limitBytes`. Its bytes are added to `budget`; the caller subtracts them again.
 *
 * @throws ApiError 413 beyond the limit, 429 if other bodies use too much, 400 if the client hangs up
 */
export async function readBody(
  payload: AsyncIterable<Buffer>,
  headers: IncomingMessage['headers'],
  limitBytes: number,
  budget: BodyBudget,
): Promise<Buffer> {
  const declaredBytes = Number(headers['content-length'] ?? 0)
  const tooLarge = (): ApiError =>
    new ApiError(413, 'request_too_large', `The body is larger than ${Math.floor(limitBytes / 2 ** 20)} MiB.`)
  if (declaredBytes > limitBytes * DISCARD_FACTOR) throw tooLarge()
  let chunks: Buffer[] = []
  let bytes = 0
  let isRefused = false
  const forget = (): void => {
    for (const chunk of chunks) budget.add(-chunk.length)
    chunks = []
  }
  try {
    for await (const chunk of payload) {
      bytes += chunk.length
      isRefused ||= bytes > limitBytes || budget.isSpent
      if (isRefused) forget()
      else {
        chunks.push(chunk)
        budget.add(chunk.length)
      }
      if (bytes > limitBytes * DISCARD_FACTOR) break
    }
  } catch (cause) {
    forget()
    throw new ApiError(400, 'invalid_request', 'The connection broke off before the whole body had arrived.', { cause })
  }
  if (bytes > limitBytes) throw tooLarge()
  if (isRefused) throw new ApiError(429, 'engine_busy', 'Too many large requests at once. Try again later.', { retryAfterS: 1 })
  return Buffer.concat(chunks, bytes)
}
