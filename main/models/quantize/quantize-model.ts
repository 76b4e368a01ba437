import { cp, mkdir, open, readdir, writeFile, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { openRegularFile, readRegularText } from '../../platform/files/regular-file.ts'
import { AppError } from '../../shared/app-error.ts'
import { ELEMENT_BYTES } from '../../shared/models/element-bytes.ts'
import { checkFreeSpace } from '../files/disk-space.ts'
import { fillNewFolder } from '../files/fill-new-folder.ts'
import { weightFileNames } from '../files/model-weight-files.ts'
import { convertFloats, createChunkMemory, type FloatDtype } from '../gguf/blocks/convert-blocks.ts'
import { safetensorsLayout, type SafetensorsEntry, type SafetensorsLayout } from '../gguf/safetensors-layout.ts'
import { type ModelTensor, planQuantization, type PlannedWeight, type QuantizationWish } from './plan-quantization.ts'
import { quantizeRows } from './quantize-rows.ts'

/** Bytes read at a time: few enough that a signal is heard soon. */
const CHUNK_BYTES = 1 << 20
const MOST_HEADER_BYTES = 100 << 20
const WEIGHTS = /\.(safetensors|bin|pt|pth|gguf)$|\.safetensors\.index\.json$/
const dtypes: Readonly<Record<string, FloatDtype>> = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' }
const Header = z.record(
  z.string(),
  z.object({ dtype: z.string(), shape: z.array(z.int().min(0)), data_offsets: z.tuple([z.int().min(0), z.int().min(0)]) }),
)

/** A tensor and its place. */
interface PlacedTensor extends ModelTensor {
  readonly file: FileHandle
  readonly startBytes: number
}

type Planned = PlannedWeight<PlacedTensor>

export interface QuantizeModelOptions extends QuantizationWish {
  readonly modelId: string
  readonly sourceDir: string
  /** Must not exist. It appears complete or not at all. */
  readonly targetDir: string
  readonly layers: number
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void
  readonly signal?: AbortSignal
}

/**
 * Writes a quantized copy of a model, in the layout of mlx-community.
 *
 * @throws AppError `quantization-unsupported` | `invalid-request` | `model-damaged` | `model-exists` | `disk-full`; the signal's reason
 *   when aborted
 */
export async function quantizeModel(options: QuantizeModelOptions): Promise<void> {
  const { modelId, sourceDir, targetDir, layers, bits, groupSize, signal = new AbortController().signal } = options
  const config = await readRegularText(join(sourceDir, 'config.json'))
  if (/"quantization(_config)?"\s*:\s*\{/.test(config))
    throw new AppError('quantization-unsupported', `${modelId} is quantized already. Take the original, in F16, BF16 or F32.`, { modelId })
  const files = await Promise.all((await weightFileNames(sourceDir)).map((name) => openRegularFile(join(sourceDir, name))))
  try {
    const planned = planQuantization((await Promise.all(files.map(placesIn))).flat(), options, layers)
    const layout = safetensorsLayout(planned.flatMap((weight) => entriesOf(weight, groupSize)))
    await mkdir(dirname(targetDir), { recursive: true })
    await checkFreeSpace(dirname(targetDir), layout.fileBytes, modelId)
    await fillNewFolder(targetDir, async (temporaryDir) => {
      await writeWeights(join(temporaryDir, 'model.safetensors'), planned, layout, { ...options, signal })
      await writeFile(join(temporaryDir, 'config.json'), withQuantization(config, quantizationOf(planned, { bits, groupSize })))
      for (const entry of await readdir(sourceDir, { withFileTypes: true }))
        if (!entry.isDirectory() && entry.name !== 'config.json' && !entry.name.startsWith('.') && !WEIGHTS.test(entry.name))
          await cp(join(sourceDir, entry.name), join(temporaryDir, entry.name), { dereference: true })
    })
  } finally {
    await Promise.all(files.map((file) => file.close()))
  }
}

async function placesIn(file: FileHandle): Promise<PlacedTensor[]> {
  const damaged = (cause?: unknown): AppError =>
    new AppError('model-damaged', 'A weight file is damaged: copy or download the model again.', {}, cause)
  const prefix = Buffer.alloc(8)
  await file.read(prefix, 0, 8, 0)
  const headerBytes = Number(prefix.readBigUInt64LE())
  const { size } = await file.stat()
  if (headerBytes > MOST_HEADER_BYTES || 8 + headerBytes > size) throw damaged()
  const text = Buffer.alloc(headerBytes)
  await file.read(text, 0, headerBytes, 8)
  try {
    const { __metadata__: _, ...entries } = JSON.parse(text.toString('utf8')) as Record<string, unknown>
    return Object.entries(Header.parse(entries)).map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [start, end],
        },
      ]) => {
        if (8 + headerBytes + end > size || end - start !== elementsOf(shape) * (ELEMENT_BYTES[dtype] ?? 0)) throw damaged()
        return { name, dtype, shape, file, startBytes: 8 + headerBytes + start }
      },
    )
  } catch (cause) {
    throw damaged(cause)
  }
}

function entriesOf({ name, from, bits }: Planned, groupSize: number): SafetensorsEntry[] {
  const first = from[0] as PlacedTensor
  const shape = from.length === 1 ? first.shape : [from.length, ...first.shape]
  const entry = (entryName: string, dtype: string, entryShape: readonly number[]): SafetensorsEntry => ({
    name: entryName,
    dtype,
    shape: entryShape,
    lengthBytes: elementsOf(entryShape) * (ELEMENT_BYTES[dtype] ?? 0),
  })
  if (bits === null) return [entry(name, first.dtype, shape)]
  const module = name.slice(0, -'.weight'.length)
  const columns = shape.at(-1) as number
  const groups = [...shape.slice(0, -1), columns / groupSize]
  return [
    entry(name, 'U32', [...shape.slice(0, -1), (columns * bits) / 32]),
    entry(`${module}.scales`, first.dtype, groups),
    entry(`${module}.biases`, first.dtype, groups),
  ]
}

async function writeWeights(
  path: string,
  planned: readonly Planned[],
  layout: SafetensorsLayout,
  { groupSize, onProgress = () => {}, signal }: QuantizeModelOptions & { readonly signal: AbortSignal },
): Promise<void> {
  const bytesOf = ({ shape, dtype }: ModelTensor): number => elementsOf(shape) * (ELEMENT_BYTES[dtype] ?? 0)
  const totalBytes = planned.flatMap(({ from }) => from).reduce((sum, tensor) => sum + bytesOf(tensor), 0)
  let doneBytes = 0
  const target = await open(path, 'w')
  try {
    await target.write(layout.header, 0, layout.header.length, 0)
    for (const { name, from, bits } of planned) {
      const ends = new Map<string, number>()
      const append = async (part: string, bytes: Uint8Array): Promise<void> => {
        const at = ends.get(part) ?? layout.startBytes.get(part)
        if (at === undefined) throw new Error(`The layout of ${name} has no part ${part}.`)
        await target.write(bytes, 0, bytes.length, at)
        ends.set(part, at + bytes.length)
      }
      for (const tensor of from) {
        const groupBytes = groupSize * (ELEMENT_BYTES[tensor.dtype] ?? 0)
        const step = bits === null ? CHUNK_BYTES : Math.max(groupBytes, CHUNK_BYTES - (CHUNK_BYTES % groupBytes))
        for (let offset = 0; offset < bytesOf(tensor); offset += step) {
          signal.throwIfAborted()
          const chunk = new Uint8Array(Math.min(step, bytesOf(tensor) - offset))
          const { bytesRead } = await tensor.file.read(chunk, 0, chunk.length, tensor.startBytes + offset)
          if (bytesRead !== chunk.length)
            throw new AppError('model-damaged', 'A weight file ended while it was read.', { tensor: tensor.name })
          if (bits === null) await append(name, chunk)
          else for (const [part, bytes] of quantized(name, tensor.dtype, chunk, bits, groupSize)) await append(part, bytes)
          doneBytes += chunk.length
          onProgress(doneBytes, totalBytes)
        }
      }
    }
    await target.sync()
  } finally {
    await target.close()
  }
}

function quantized(name: string, dtype: string, chunk: Uint8Array, bits: number, groupSize: number): [part: string, bytes: Uint8Array][] {
  const module = name.slice(0, -'.weight'.length)
  const wide = convertFloats(dtype, chunk, 'float32', createChunkMemory())
  const { weight, scales, biases } = quantizeRows(new Float32Array(wide.buffer, wide.byteOffset, wide.length / 4), bits, groupSize)
  const stored = (numbers: Float32Array): Uint8Array =>
    convertFloats('F32', new Uint8Array(numbers.buffer), dtypes[dtype] ?? 'float32', createChunkMemory())
  return [
    [name, weight],
    [`${module}.scales`, stored(scales)],
    [`${module}.biases`, stored(biases)],
  ]
}

/** The bits of most matrices, and those of modules that differ. */
function quantizationOf(planned: readonly Planned[], { bits, groupSize }: Pick<QuantizationWish, 'bits' | 'groupSize'>) {
  const base = { group_size: groupSize, bits, mode: 'affine' }
  const others = planned.filter((weight) => weight.bits !== null && weight.bits !== bits)
  return {
    ...base,
    ...Object.fromEntries(others.map((weight) => [weight.name.slice(0, -'.weight'.length), { ...base, bits: weight.bits }])),
  }
}

/** The rest of the text stays: JSON.parse would lose what only Python's json writes, such as Infinity. */
function withQuantization(config: string, quantization: object): string {
  const text = JSON.stringify(quantization)
  const added = `{\n  "quantization": ${text},\n  "quantization_config": ${text},`
  return config.replace(/^\s*\{/, () => added)
}

function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1)
}
