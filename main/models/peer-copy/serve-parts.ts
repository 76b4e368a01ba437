import { createHash } from 'node:crypto'
import { openRegularFile } from '../../platform/files/regular-file.ts'
import { AppError } from '../../shared/app-error.ts'
import { intersectRanges, joinRanges, lengthOf } from '../files/byte-ranges.ts'
import { type ByteChannel, encodeJson } from '../files/byte-channel.ts'
import type { ModelFileRequest } from '../../shared/wire/peer/model-file-request.ts'
import { sendLongJson } from './part-messages.ts'
import type { PartHoldings } from '../../shared/wire/peer/model-file-request.ts'

const CHUNK_BYTES = 256 * 1024

/** The parts that this node holds of a model at one commit, and their location. */
export interface HeldParts extends PartHoldings {
  pathOf(path: string): string
}

/** Reports which parts of a model are here. */
export async function serveHoldings(channel: ByteChannel, { commit, files, present, isFetching }: HeldParts): Promise<void> {
  const holdings: PartHoldings = { commit, files, present, isFetching }
  await sendLongJson(channel, holdings)
}

/**
 * Sends bytes of a file, followed by their checksum.
 *
 * @throws AppError `model-file-not-found` if not all of them are here; the requesting node sees the same error
 */
export async function serveRange(
  channel: ByteChannel,
  readHeld: () => Promise<HeldParts>,
  { path, start, end }: Extract<ModelFileRequest, { type: 'range' }>,
): Promise<void> {
  const held = await readHeld()
  const wanted = joinRanges([{ start, end }])
  if (lengthOf(intersectRanges(wanted, held.present[path] ?? [])) !== lengthOf(wanted) || wanted.length === 0)
    throw new AppError('model-file-not-found', `The bytes ${start} to ${end} of ${path} are not here.`, { path })
  const hash = createHash('sha256')
  // A model that has become complete in the meantime has moved.
  const file = await openRegularFile(held.pathOf(path)).catch(async () => openRegularFile((await readHeld()).pathOf(path)))
  try {
    for await (const chunk of file.createReadStream({
      start,
      end: end - 1,
      highWaterMark: CHUNK_BYTES,
      signal: channel.signal,
      autoClose: false,
    })) {
      hash.update(chunk as Buffer)
      await channel.send(chunk as Buffer)
    }
  } finally {
    await file.close()
  }
  await channel.send(encodeJson({ sha256: hash.digest('hex') }))
}
