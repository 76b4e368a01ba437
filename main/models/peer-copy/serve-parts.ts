import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { AppError } from '../../shared/app-error.ts'
import { intersectRanges, joinRanges, lengthOf } from '../parts/byte-ranges.ts'
import { type ByteChannel, encodeJson, type ModelFileRequest } from './model-file-messages.ts'
import { type PartHoldings, sendLongJson } from './part-messages.ts'

const CHUNK_BYTES = 256 * 1024

/** What this node holds of a model at one commit, and where. */
export interface HeldParts extends PartHoldings {
  pathOf(path: string): string
}

/** Tells what is here of a model. */
export async function serveHoldings(channel: ByteChannel, { commit, files, present, isFetching }: HeldParts): Promise<void> {
  const holdings: PartHoldings = { commit, files, present, isFetching }
  await sendLongJson(channel, holdings)
}

/**
 * Sends bytes of a file, and their checksum after the last.
 *
 * @throws AppError `model-file-not-found` where they are not all here; the asking node sees the same
 */
export async function serveRange(channel: ByteChannel, held: HeldParts, { path, start, end }: Extract<ModelFileRequest, { type: 'range' }>): Promise<void> {
  const wanted = joinRanges([{ start, end }])
  if (lengthOf(intersectRanges(wanted, held.present[path] ?? [])) !== lengthOf(wanted) || wanted.length === 0)
    throw new AppError('model-file-not-found', `The bytes ${start} to ${end} of ${path} are not here.`, { path })
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(held.pathOf(path), { start, end: end - 1, highWaterMark: CHUNK_BYTES, signal: channel.signal })) {
    hash.update(chunk as Buffer)
    await channel.send(chunk as Buffer)
  }
  await channel.send(encodeJson({ sha256: hash.digest('hex') }))
}
