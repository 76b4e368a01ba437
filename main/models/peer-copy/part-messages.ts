import type { z } from 'zod'
import { AppError } from '../../shared/app-error.ts'
import { PEER_STREAMS } from '../../shared/wire/peer/peer-streams.ts'
import { type ByteChannel, decodeJson, encodeJson } from '../files/byte-channel.ts'

const CHUNK_BYTES = 192 * 1024
const LIMIT_BYTES = PEER_STREAMS['model-files'].limit.bytes

/** Sends a value that may not fit in one chunk. */
export async function sendLongJson(channel: ByteChannel, value: unknown): Promise<void> {
  const bytes = encodeJson(value)
  for (let start = 0; start < bytes.length; start += CHUNK_BYTES) await channel.send(bytes.subarray(start, start + CHUNK_BYTES))
}

/** @throws SyntaxError | ZodError if the peer sent anything else */
export async function receiveLongJson<Output>(channel: ByteChannel, schema: z.ZodType<Output>): Promise<Output> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for (let chunk = await channel.receive(); chunk !== null; chunk = await channel.receive()) {
    bytes += chunk.length
    if (bytes > LIMIT_BYTES) throw new AppError('copy-damaged', 'Another node sent more data than requested.')
    chunks.push(chunk)
  }
  return decodeJson(schema, Buffer.concat(chunks))
}
