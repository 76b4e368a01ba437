import { AppError } from '../../shared/app-error.ts'

export type GgufScalar = string | number | bigint | boolean
export type GgufValue = GgufScalar | readonly GgufValue[]

export interface GgufTensorInfo {
  readonly name: string
  /** Fastest-varying first, the reverse of a safetensors shape. */
  readonly dimensions: readonly number[]
  readonly typeId: number
  /** Offset from the start of the tensor data. */
  readonly offsetBytes: number
}

export interface GgufHeader {
  readonly version: number
  readonly metadata: ReadonlyMap<string, GgufValue>
  readonly tensors: readonly GgufTensorInfo[]
  /** Offset of the tensor data in the file. */
  readonly dataStartBytes: number
}

const MAGIC = 0x46554747
const MAX_DIMENSIONS = 4
const MAX_ARRAY_DEPTH = 4

/** The header extends beyond the available bytes. */
export class GgufHeaderIncomplete extends Error {}

/** Reads little-endian values in order; throws `GgufHeaderIncomplete` past the end. */
class Cursor {
  readonly #bytes: Buffer
  position = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /** Checks a count claimed by the file before anything is allocated for it. */
  need(byteCount: number): void {
    if (byteCount > this.#bytes.length - this.position) throw new GgufHeaderIncomplete()
  }

  #advance(byteCount: number): number {
    this.need(byteCount)
    const start = this.position
    this.position += byteCount
    return start
  }

  uint8(): number {
    return this.#bytes.readUInt8(this.#advance(1))
  }
  int8(): number {
    return this.#bytes.readInt8(this.#advance(1))
  }
  uint16(): number {
    return this.#bytes.readUInt16LE(this.#advance(2))
  }
  int16(): number {
    return this.#bytes.readInt16LE(this.#advance(2))
  }
  uint32(): number {
    return this.#bytes.readUInt32LE(this.#advance(4))
  }
  int32(): number {
    return this.#bytes.readInt32LE(this.#advance(4))
  }
  float32(): number {
    return this.#bytes.readFloatLE(this.#advance(4))
  }
  float64(): number {
    return this.#bytes.readDoubleLE(this.#advance(8))
  }
  uint64(): number | bigint {
    return narrow(this.#bytes.readBigUInt64LE(this.#advance(8)))
  }
  int64(): number | bigint {
    return narrow(this.#bytes.readBigInt64LE(this.#advance(8)))
  }

  /** A length or an offset. A value beyond 2^53 cannot be valid. */
  count(): number {
    const value = this.uint64()
    if (typeof value === 'bigint') throw new AppError('model-damaged', 'The GGUF file claims an impossible size.', { value: String(value) })
    return value
  }

  string(): string {
    const byteCount = this.count()
    const start = this.#advance(byteCount)
    return this.#bytes.toString('utf8', start, start + byteCount)
  }
}

function narrow(value: bigint): number | bigint {
  return value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER ? Number(value) : value
}

const STRING = 8
const ARRAY = 9
const scalars: Readonly<Record<number, { readonly bytes: number; readonly read: (cursor: Cursor) => GgufScalar }>> = {
  0: { bytes: 1, read: (cursor) => cursor.uint8() },
  1: { bytes: 1, read: (cursor) => cursor.int8() },
  2: { bytes: 2, read: (cursor) => cursor.uint16() },
  3: { bytes: 2, read: (cursor) => cursor.int16() },
  4: { bytes: 4, read: (cursor) => cursor.uint32() },
  5: { bytes: 4, read: (cursor) => cursor.int32() },
  6: { bytes: 4, read: (cursor) => cursor.float32() },
  7: { bytes: 1, read: (cursor) => cursor.uint8() !== 0 },
  [STRING]: { bytes: 8, read: (cursor) => cursor.string() },
  10: { bytes: 8, read: (cursor) => cursor.uint64() },
  11: { bytes: 8, read: (cursor) => cursor.int64() },
  12: { bytes: 8, read: (cursor) => cursor.float64() },
}

function readValue(cursor: Cursor, valueType: number, depth: number): GgufValue {
  if (valueType === ARRAY) {
    if (depth === MAX_ARRAY_DEPTH) throw new AppError('model-damaged', 'The GGUF metadata nests arrays too deeply.')
    const elementType = cursor.uint32()
    const length = cursor.count()
    cursor.need(length * (elementType === ARRAY ? 12 : (scalars[elementType]?.bytes ?? 1)))
    return Array.from({ length }, () => readValue(cursor, elementType, depth + 1))
  }
  const scalar = scalars[valueType]
  if (!scalar) throw new AppError('model-damaged', `The GGUF metadata has a value of the unknown type ${valueType}.`)
  return scalar.read(cursor)
}

function readTensorInfo(cursor: Cursor): GgufTensorInfo {
  const name = cursor.string()
  const dimensionCount = cursor.uint32()
  if (dimensionCount < 1 || dimensionCount > MAX_DIMENSIONS)
    throw new AppError('model-damaged', `The tensor ${name} claims ${dimensionCount} dimensions.`, { tensor: name })
  const dimensions = Array.from({ length: dimensionCount }, () => cursor.count())
  return { name, dimensions, typeId: cursor.uint32(), offsetBytes: cursor.count() }
}

/**
 * Reads everything before the tensor data of a GGUF file (version 2 or 3, little-endian).
 *
 * @param bytes - the start of the file
 * @throws GgufHeaderIncomplete when the header extends beyond `bytes`; `readGgufHeader` then reads more
 * @throws AppError `model-damaged` | `model-unsupported`
 *
 * Source: ggml docs/gguf.md.
 */
export function parseGgufHeader(bytes: Buffer): GgufHeader {
  const cursor = new Cursor(bytes)
  if (cursor.uint32() !== MAGIC) throw new AppError('model-damaged', 'This is not a GGUF file: it does not start with "GGUF".')
  const version = cursor.uint32()
  if (version !== 2 && version !== 3)
    throw new AppError('model-unsupported', `GGUF version ${version} is not supported; versions 2 and 3 are.`, { version })
  const tensorCount = cursor.count()
  const metadataCount = cursor.count()
  const metadata = new Map<string, GgufValue>()
  for (let index = 0; index < metadataCount; index++) {
    const key = cursor.string()
    metadata.set(key, readValue(cursor, cursor.uint32(), 0))
  }
  const tensors: GgufTensorInfo[] = []
  for (let index = 0; index < tensorCount; index++) tensors.push(readTensorInfo(cursor))
  const alignment = metadata.get('general.alignment') ?? 32
  if (typeof alignment !== 'number' || alignment < 8 || alignment % 8 !== 0)
    throw new AppError('model-damaged', 'The GGUF file has an impossible alignment.', { alignment: String(alignment) })
  return { version, metadata, tensors, dataStartBytes: Math.ceil(cursor.position / alignment) * alignment }
}
