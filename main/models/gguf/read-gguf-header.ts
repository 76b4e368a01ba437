import type { FileHandle } from 'node:fs/promises'
import { AppError } from '../../shared/app-error.ts'
import { type GgufHeader, GgufHeaderIncomplete, parseGgufHeader } from './parse-gguf-header.ts'

const FIRST_READ_BYTES = 1 << 20
/** The largest known vocabularies take 15 MB. */
const MAX_HEADER_BYTES = 64 << 20

/**
 * Reads as much of the file as its header needs.
 *
 * @throws AppError `model-damaged` | `model-unsupported`
 */
export async function readGgufHeader(file: FileHandle, fileBytes: number): Promise<GgufHeader> {
  for (let wanted = FIRST_READ_BYTES; ; wanted *= 4) {
    const bytes = Buffer.alloc(Math.min(wanted, fileBytes))
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0)
    try {
      return parseGgufHeader(bytes.subarray(0, bytesRead))
    } catch (error) {
      if (!(error instanceof GgufHeaderIncomplete)) throw error
      if (bytesRead >= fileBytes || bytesRead < bytes.length || wanted >= MAX_HEADER_BYTES)
        throw new AppError('model-damaged', 'The GGUF file ends within its header: copy or download it again.', { fileBytes })
    }
  }
}
