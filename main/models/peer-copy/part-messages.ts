import { z } from 'zod'
import { AppError } from '../../shared/app-error.ts'
import { HubCommit, HubFile } from '../files/hub-file.ts'
import { PresentRanges } from '../files/part-folder.ts'
import { type ByteChannel, decodeJson, encodeJson } from '../files/model-file-messages.ts'

/** What a node holds of a model at one commit. */
export const PartHoldings = z.strictObject({
  commit: HubCommit,
  files: z.array(HubFile).max(4096),
  present: PresentRanges,
  /** More is on its way. */
  isFetching: z.boolean(),
})
export type PartHoldings = z.infer<typeof PartHoldings>

const CHUNK_BYTES = 192 * 1024
const LIMIT_BYTES = 16 << 20

/** A value that may not fit one chunk. */
export async function sendLongJson(channel: ByteChannel, value: unknown): Promise<void> {
  const bytes = encodeJson(value)
  for (let start = 0; start < bytes.length; start += CHUNK_BYTES) await channel.send(bytes.subarray(start, start + CHUNK_BYTES))
}

/** @throws SyntaxError | ZodError when a peer sent something else */
export async function receiveLongJson<Output>(channel: ByteChannel, schema: z.ZodType<Output>): Promise<Output> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for (let chunk = await channel.receive(); chunk !== null; chunk = await channel.receive()) {
    bytes += chunk.length
    if (bytes > LIMIT_BYTES) throw new AppError('copy-damaged', 'Another node sends more than it should.')
    chunks.push(chunk)
  }
  return decodeJson(schema, Buffer.concat(chunks))
}
