import type { IncomingMessage } from 'node:http'
import { ApiError } from '../api-error.ts'

/** A client in the middle of sending reads no answer, so this much of a body too long is taken and thrown away first. */
const DISCARD_FACTOR = 8

/**
 * Reads a request body of at most `limitBytes`.
 *
 * @throws ApiError 413 beyond the limit
 */
export async function readBody(payload: AsyncIterable<Buffer>, headers: IncomingMessage['headers'], limitBytes: number): Promise<Buffer> {
  const declaredBytes = Number(headers['content-length'] ?? 0)
  const tooLarge = (): ApiError => new ApiError(413, 'request_too_large', `The body is larger than ${Math.floor(limitBytes / 2 ** 20)} MiB.`)
  if (declaredBytes > limitBytes * DISCARD_FACTOR) throw tooLarge()
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of payload) {
    bytes += chunk.length
    if (bytes <= limitBytes) chunks.push(chunk)
    else chunks.length = 0
    if (bytes > limitBytes * DISCARD_FACTOR) break
  }
  if (bytes > limitBytes) throw tooLarge()
  return Buffer.concat(chunks, bytes)
}
