import { basename } from 'node:path'
import { z } from 'zod'
import { openRegularFile } from '../../platform/files/regular-file.ts'
import { AppError } from '../../shared/app-error.ts'

const MAX_HEADER_BYTES = 100 << 20

/** Bits of one element. */
const elementBits: Readonly<Record<string, number>> = {
  BOOL: 8,
  U8: 8,
  I8: 8,
  F8_E4M3: 8,
  F8_E5M2: 8,
  F8_E8M0: 8,
  U16: 16,
  I16: 16,
  F16: 16,
  BF16: 16,
  U32: 32,
  I32: 32,
  F32: 32,
  U64: 64,
  I64: 64,
  F64: 64,
  C64: 64,
}

const Entry = z.object({ dtype: z.string(), shape: z.array(z.int().min(0)), data_offsets: z.tuple([z.int().min(0), z.int().min(0)]) })

export interface SafetensorsFile {
  readonly tensorNames: ReadonlySet<string>
  readonly fileBytes: number
}

/**
 * Checks by its header and size that a safetensors file is complete. Tensor data is not read.
 *
 * @throws AppError `model-damaged`
 */
export async function checkSafetensors(path: string): Promise<SafetensorsFile> {
  const name = basename(path)
  const damaged = (reason: string, details: Record<string, unknown> = {}, cause?: unknown): AppError =>
    new AppError('model-damaged', `The weight file ${name} ${reason}: copy or download the model again.`, { path, ...details }, cause)
  const file = await openRegularFile(path).catch((cause: unknown) => {
    throw (cause as NodeJS.ErrnoException).code === 'ENOENT' ? damaged('is missing', {}, cause) : damaged('cannot be read', {}, cause)
  })
  try {
    const { size } = await file.stat()
    const prefix = Buffer.alloc(8)
    if (size < 8 || (await file.read(prefix, 0, 8, 0)).bytesRead < 8) throw damaged('is cut off', { fileBytes: size })
    const headerBytes = Number(prefix.readBigUInt64LE())
    if (headerBytes > MAX_HEADER_BYTES) throw damaged('is not a safetensors file')
    if (8 + headerBytes > size) throw damaged('is cut off', { fileBytes: size, neededBytes: 8 + headerBytes })
    const text = Buffer.alloc(headerBytes)
    await file.read(text, 0, headerBytes, 8)
    const tensorNames = new Set<string>()
    let endBytes = 0
    for (const [tensor, value] of Object.entries(parseHeader(text, damaged))) {
      if (tensor === '__metadata__') continue
      const entry = Entry.safeParse(value)
      const bits = entry.success ? elementBits[entry.data.dtype] : undefined
      if (!entry.success || bits === undefined) throw damaged(`has an invalid entry for the tensor ${tensor}`, { tensor })
      const [start, end] = entry.data.data_offsets
      if (end - start !== (entry.data.shape.reduce((product, dimension) => product * dimension, 1) * bits) / 8)
        throw damaged(`gives the tensor ${tensor} a size that does not match its shape`, { tensor })
      endBytes = Math.max(endBytes, end)
      tensorNames.add(tensor)
    }
    if (8 + headerBytes + endBytes > size) throw damaged('is cut off', { fileBytes: size, neededBytes: 8 + headerBytes + endBytes })
    return { tensorNames, fileBytes: size }
  } finally {
    await file.close()
  }
}

function parseHeader(
  text: Buffer,
  damaged: (reason: string, details?: Record<string, unknown>, cause?: unknown) => AppError,
): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text.toString('utf8'))
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch (cause) {
    throw damaged('has no readable header', {}, cause)
  }
  throw damaged('has no readable header')
}
