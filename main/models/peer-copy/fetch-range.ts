import { createHash } from 'node:crypto'
import { AppError } from '../../shared/app-error.ts'
import { type ByteChannel, decodeJson } from '../files/byte-channel.ts'
import { ModelFileEnd } from '../../shared/wire/peer/model-file-request.ts'
import { receiveLongJson } from './part-messages.ts'
import { PartHoldings } from '../../shared/wire/peer/model-file-request.ts'

/** @throws what the other node says: `model-not-found` where it holds nothing of the model */
export async function fetchHoldings(channel: ByteChannel): Promise<PartHoldings> {
  await channel.end()
  return receiveLongJson(channel, PartHoldings)
}

/**
 * The bytes that another node sends, whose checksum holds: they are given out when the last has come.
 *
 * @throws AppError `copy-damaged`, and what the other node or the link says
 */
export async function fetchRange(channel: ByteChannel, lengthBytes: number): Promise<Uint8Array[]> {
  try {
    await channel.end()
    const hash = createHash('sha256')
    const chunks: Uint8Array[] = []
    for (let left = lengthBytes; left > 0; ) {
      const chunk = await channel.receive()
      if (chunk === null || chunk.length > left) throw new AppError('copy-damaged', 'The copy from another node was interrupted.')
      hash.update(chunk)
      chunks.push(chunk)
      left -= chunk.length
    }
    const end = await channel.receive()
    if (end === null || decodeJson(ModelFileEnd, end).sha256 !== hash.digest('hex'))
      throw new AppError('copy-damaged', 'The data from another node does not match its checksum.')
    return chunks
  } catch (error) {
    channel.cancel('cancelled', 'The copy was cancelled.')
    throw error
  }
}
