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
import type { ColumnBlocks, RowPlaces } from './gguf-family.ts'
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
  const { module, suffix, stack, columns, format, written, places } = tensor
  const rows = places?.total ?? tensor.rows
  const name = suffix === '' ? module : `${module}.${suffix}`
  const matrix = (width: number): number[] => (stack === null ? [rows, width] : [stack, rows / stack, width])
  const floats = (name: string, shape: readonly number[]): SafetensorsEntry => ({
    name,
    dtype: dtypeNames[dtype],
    shape,
    lengthBytes: shape.reduce((product, size) => product * size, 1) * floatDtypeBytes[dtype],
  })
  if (!format) return [floats(name, written ?? (tensor.isVector ? [rows * columns] : matrix(columns)))]
  const words = (columns * format.bits) / 32
  const groups = columns / GROUP_ELEMENTS
  return [
    { name: `${module}.weight`, dtype: 'U32', shape: matrix(words), lengthBytes: rows * words * 4 },
    floats(`${module}.scales`, matrix(groups)),
    floats(`${module}.biases`, matrix(groups)),
  ]
}

/** Puts the blocks of columns of each row in their places. */
function reorderColumns(bytes: Uint8Array, rows: number, { columns, of }: ColumnBlocks, allColumns: number): Uint8Array {
  const blocks = allColumns / columns
  const perRow = bytes.length / rows
  const perBlock = perRow / blocks
  const target = new Uint8Array(bytes.length)
  for (let start = 0; start < bytes.length; start += perRow)
    for (let block = 0; block < blocks; block++)
      target.set(bytes.subarray(start + block * perBlock, start + (block + 1) * perBlock), start + of(block) * perBlock)
  return target
}

/** A tensor's place in the file. */
interface Target {
  readonly start: number
  readonly perRow: number
}

/** Writes rows where they belong: together if they stay side by side, otherwise in runs. */
async function writePlaced(file: FileHandle, bytes: Uint8Array, target: Target, first: number, places: RowPlaces): Promise<void> {
  const { start, perRow } = target
  const rows = bytes.length / perRow
  const to = Array.from({ length: rows }, (_, row) => places.of(first + row))
  const lowest = Math.min(...to)
  if (Math.max(...to) - lowest + 1 === rows) {
    const ordered = new Uint8Array(bytes.length)
    to.forEach((place, row) => ordered.set(bytes.subarray(row * perRow, (row + 1) * perRow), (place - lowest) * perRow))
    await file.write(ordered, 0, ordered.length, start + lowest * perRow)
    return
  }
  let row = 0
  while (row < rows) {
    let next = row + 1
    while (next < rows && to[next] === to[next - 1]! + 1) next += 1
    await file.write(bytes, row * perRow, (next - row) * perRow, start + to[row]! * perRow)
    row = next
  }
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
  const entries = new Map(tensors.flatMap((tensor) => entriesOf(tensor, dtype)).map((entry) => [entry.name, entry]))
  const layout = safetensorsLayout([...entries.values()])
  const totalBytes = tensors.reduce((sum, tensor) => sum + tensor.rows * rowBytes(tensor), 0)
  await target.write(layout.header, 0, layout.header.length, 0)
  let doneBytes = 0
  const memory = createChunkMemory()
  for (const tensor of tensors) {
    const bytesPerRow = rowBytes(tensor)
    const step = tensor.places?.unit ?? 1
    const chunkRows = Math.max(step, Math.floor(CHUNK_BYTES / bytesPerRow / step) * step)
    let row = 0
    while (row < tensor.rows) {
      signal.throwIfAborted()
      const [stored, together] = storedRows(tensor, row)
      const rows = Math.min(chunkRows, together)
      const chunk = memory.take('source', rows * bytesPerRow)
      const { bytesRead } = await sources[tensor.part]!.read(chunk, 0, chunk.length, tensor.startBytes + stored * bytesPerRow)
      if (bytesRead !== chunk.length)
        throw new AppError('model-damaged', 'The GGUF file ended while it was read.', { module: tensor.module })
      for (const [name, converted] of convertedParts(tensor, chunk, dtype, memory)) {
        const { columnBlocks, columns } = tensor
        const bytes = columnBlocks ? reorderColumns(converted, rows, columnBlocks, columns) : converted
        const perRow = bytes.length / rows
        const start = layout.startBytes.get(name)!
        if (tensor.places) await writePlaced(target, bytes, { start, perRow }, row, tensor.places)
        else await target.write(bytes, 0, bytes.length, start + row * perRow)
      }
      row += rows
      doneBytes += chunk.length
      onProgress(doneBytes, totalBytes)
    }
  }
}

/** The stored row that is a row of the tensor, and how many rows lie together from there on. */
function storedRows({ select, rows }: PlannedTensor, row: number): [stored: number, together: number] {
  if (!select) return [row, rows - row]
  const inPart = row % select.count
  return [Math.floor(row / select.count) * select.period + select.first + inPart, select.count - inPart]
}

function convertedParts(
  tensor: PlannedTensor,
  source: Uint8Array,
  dtype: FloatDtype,
  memory: ChunkMemory,
): [name: string, bytes: Uint8Array][] {
  const name = tensor.suffix === '' ? tensor.module : `${tensor.module}.${tensor.suffix}`
  if (!tensor.format) return [[name, floatsOf(tensor, source, dtype, memory)]]
  const { weight, scales, biases } = convertToAffine(tensor.format, source, dtype, memory)
  return [
    [`${tensor.module}.weight`, weight],
    [`${tensor.module}.scales`, scales],
    [`${tensor.module}.biases`, biases],
  ]
}

function floatsOf({ type, offset, isDecay }: PlannedTensor, source: Uint8Array, dtype: FloatDtype, memory: ChunkMemory): Uint8Array {
  if (offset === 0 && !isDecay) return convertFloats(type.name, source, dtype, memory)
  const wide = convertFloats(type.name, source, 'float32', createChunkMemory())
  const moved = new Float32Array(wide.buffer, wide.byteOffset, wide.length / 4).map((number) =>
    isDecay ? Math.log(-number) : number + offset,
  )
  return convertFloats('F32', new Uint8Array(moved.buffer), dtype, memory)
}
