import type { FileHandle } from 'node:fs/promises'
import { AppError } from '../../shared/app-error.ts'
import { GROUP_ELEMENTS } from './blocks/block-format.ts'
import {
  type ChunkMemory,
  convertFloats,
  convertToAffine,
  createChunkMemory,
  type FloatDtype,
  floatDtypeBytes,
} from './blocks/convert-blocks.ts'
import type { PlannedTensor } from './plan-gguf-tensors.ts'
import { type SafetensorsEntry, safetensorsLayout } from './safetensors-layout.ts'

/** Bytes read at a time: few enough that the event loop is never blocked for long. */
const CHUNK_BYTES = 1 << 20

const dtypeNames = { float32: 'F32', float16: 'F16', bfloat16: 'BF16' } as const

export interface WriteWeightsOptions {
  readonly dtype: FloatDtype
  readonly onProgress: (doneBytes: number, totalBytes: number) => void
  readonly signal: AbortSignal
}

function rowBytes(tensor: PlannedTensor): number {
  return (tensor.columns / tensor.type.blockElements) * tensor.type.blockBytes
}

function entriesOf(tensor: PlannedTensor, dtype: FloatDtype): SafetensorsEntry[] {
  const { module, suffix, stack, rows, columns, format } = tensor
  const matrix = (width: number): number[] => (stack === null ? [rows, width] : [stack, rows / stack, width])
  const floats = (name: string, shape: number[]): SafetensorsEntry => ({
    name,
    dtype: dtypeNames[dtype],
    shape,
    lengthBytes: shape.reduce((product, size) => product * size, 1) * floatDtypeBytes[dtype],
  })
  if (!format) return [floats(`${module}.${suffix}`, tensor.isVector ? [rows * columns] : matrix(columns))]
  const words = (columns * format.bits) / 32
  const groups = columns / GROUP_ELEMENTS
  return [
    { name: `${module}.weight`, dtype: 'U32', shape: matrix(words), lengthBytes: rows * words * 4 },
    floats(`${module}.scales`, matrix(groups)),
    floats(`${module}.biases`, matrix(groups)),
  ]
}

/** Row 2 r + half of a head in GGUF is row half * headRows / 2 + r in the model. */
function undoPermutation(source: Uint8Array, bytesPerRow: number, headRows: number, memory: ChunkMemory): Uint8Array {
  const target = memory.take('ordered', source.length)
  const halfRows = headRows / 2
  const rows = source.length / bytesPerRow
  for (let row = 0; row < rows; row++) {
    const inHead = row % headRows
    const modelRow = row - inHead + (inHead % 2) * halfRows + Math.floor(inHead / 2)
    target.set(source.subarray(row * bytesPerRow, (row + 1) * bytesPerRow), modelRow * bytesPerRow)
  }
  return target
}

/**
 * Converts all tensors into one safetensors file, a chunk of rows at a time.
 *
 * @param sources - the files of the model, by part
 * @throws AppError `model-damaged` when the source ends early; the signal's reason when aborted
 */
export async function writeGgufWeights(
  sources: readonly Pick<FileHandle, 'read'>[],
  target: FileHandle,
  tensors: readonly PlannedTensor[],
  options: WriteWeightsOptions,
): Promise<void> {
  const { dtype, onProgress, signal } = options
  const layout = safetensorsLayout(tensors.flatMap((tensor) => entriesOf(tensor, dtype)))
  const totalBytes = tensors.reduce((sum, tensor) => sum + tensor.rows * rowBytes(tensor), 0)
  await target.write(layout.header, 0, layout.header.length, 0)
  let doneBytes = 0
  const memory = createChunkMemory()
  for (const tensor of tensors) {
    const bytesPerRow = rowBytes(tensor)
    const step = tensor.permutedHeadRows ?? 1
    const chunkRows = Math.max(step, Math.floor(CHUNK_BYTES / bytesPerRow / step) * step)
    for (let row = 0; row < tensor.rows; row += chunkRows) {
      signal.throwIfAborted()
      const rows = Math.min(chunkRows, tensor.rows - row)
      const chunk = memory.take('source', rows * bytesPerRow)
      const { bytesRead } = await sources[tensor.part]!.read(chunk, 0, chunk.length, tensor.startBytes + row * bytesPerRow)
      if (bytesRead !== chunk.length)
        throw new AppError('model-damaged', 'The GGUF file ended while it was read.', { module: tensor.module })
      const ordered = tensor.permutedHeadRows === null ? chunk : undoPermutation(chunk, bytesPerRow, tensor.permutedHeadRows, memory)
      for (const [name, bytes] of convertedParts(tensor, ordered, dtype, memory)) {
        const perRow = bytes.length / rows
        await target.write(bytes, 0, bytes.length, layout.startBytes.get(name)! + row * perRow)
      }
      doneBytes += chunk.length
      onProgress(doneBytes, totalBytes)
    }
  }
}

function convertedParts(
  tensor: PlannedTensor,
  source: Uint8Array,
  dtype: FloatDtype,
  memory: ChunkMemory,
): [name: string, bytes: Uint8Array][] {
  if (!tensor.format) return [[`${tensor.module}.${tensor.suffix}`, floatsOf(tensor, source, dtype, memory)]]
  const { weight, scales, biases } = convertToAffine(tensor.format, source, dtype, memory)
  return [
    [`${tensor.module}.weight`, weight],
    [`${tensor.module}.scales`, scales],
    [`${tensor.module}.biases`, biases],
  ]
}

function floatsOf({ type, offset }: PlannedTensor, source: Uint8Array, dtype: FloatDtype, memory: ChunkMemory): Uint8Array {
  if (offset === 0) return convertFloats(type.name, source, dtype, memory)
  const wide = convertFloats(type.name, source, 'float32', createChunkMemory())
  const moved = new Float32Array(wide.buffer, wide.byteOffset, wide.length / 4).map((number) => number + offset)
  return convertFloats('F32', new Uint8Array(moved.buffer), dtype, memory)
}
