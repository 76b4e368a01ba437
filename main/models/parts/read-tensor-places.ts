import { z } from 'zod'
import { AppError } from '../../shared/app-error.ts'
import type { TensorPlace } from '../files/shard-tensors.ts'

const MAX_HEADER_BYTES = 100 << 20
export const PREFIX_BYTES = 8

const Entry = z.object({ data_offsets: z.tuple([z.int().min(0), z.int().min(0)]) })

/** @param prefix - the first 8 bytes of a safetensors file. @throws AppError `model-damaged` */
export function headerEnd(path: string, prefix: Buffer, fileBytes: number): number {
  const end = PREFIX_BYTES + Number(prefix.readBigUInt64LE())
  if (end > fileBytes || end > MAX_HEADER_BYTES) throw new AppError('model-damaged', `${path} is not a safetensors file.`, { path })
  return end
}

/**
 * Locates the tensors of a safetensors file.
 *
 * @param header - the bytes after the prefix
 * @throws AppError `model-damaged`
 */
export function readTensorPlaces(path: string, header: Buffer, fileBytes: number): TensorPlace[] {
  const damaged = (cause?: unknown): AppError =>
    new AppError('model-damaged', `${path} has no readable safetensors header.`, { path }, cause)
  let value: unknown
  try {
    value = JSON.parse(header.toString('utf8'))
  } catch (cause) {
    throw damaged(cause)
  }
  const record = z.record(z.string(), z.unknown()).safeParse(value)
  if (!record.success) throw damaged(record.error)
  const { __metadata__: _, ...entries } = record.data
  const dataStart = PREFIX_BYTES + header.length
  return Object.entries(entries).map(([name, entry]) => {
    const parsed = Entry.safeParse(entry)
    if (!parsed.success) throw damaged(parsed.error)
    const [start, end] = parsed.data.data_offsets
    if (end < start || dataStart + end > fileBytes) throw damaged()
    return { name, start: dataStart + start, end: dataStart + end }
  })
}
