import { createHash } from 'node:crypto'
import { AppError } from '../../shared/app-error.ts'
import { type ByteChannel, decodeJson } from '../files/byte-channel.ts'
import { ModelFileEnd } from '../../shared/wire/peer/model-file-request.ts'
import { receiveLongJson } from './part-messages.ts'
import { PartHoldings } from '../../shared/wire/peer/model-file-request.ts'

/** @throws the other node's error: `model-not-found` if it holds nothing of the model */
export async function fetchHoldings(channel: ByteChannel): Promise<PartHoldings> {
  await channel.end()
  return receiveLongJson(channel, PartHoldings)
}

/**
 * Receives bytes from another node and returns them once the last has arrived and the checksum matches.
 *
 * @throws AppError `copy-damaged`, and the errors of the other node and the link
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
