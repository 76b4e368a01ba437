import { float16Values, toBfloat16Bits, toFloat16Bits } from './float16.ts'

/** The type in which scales, biases and unquantized tensors are written. */
export type FloatDtype = 'float32' | 'float16' | 'bfloat16'

export const floatDtypeBytes: Readonly<Record<FloatDtype, number>> = { float32: 4, float16: 2, bfloat16: 2 }

/** Memory that is reused from chunk to chunk: an array is overwritten when the same name is requested again. */
export interface ChunkMemory {
  take(name: 'source' | 'weight' | 'scales' | 'biases' | 'ordered', lengthBytes: number): Uint8Array<ArrayBuffer>
}

export function createChunkMemory(): ChunkMemory {
  const buffers = new Map<string, ArrayBuffer>()
  return {
    take: (name, lengthBytes) => {
      let buffer = buffers.get(name)
      if (!buffer || buffer.byteLength < lengthBytes) buffers.set(name, (buffer = new ArrayBuffer(lengthBytes)))
      return new Uint8Array(buffer, 0, lengthBytes)
    },
  }
}

/** Converts numbers to the file's type and collects them. */
interface FloatSink {
  readonly bytes: Uint8Array
  set(index: number, value: number): void
}

function floatSink(bytes: Uint8Array<ArrayBuffer>, dtype: FloatDtype): FloatSink {
  if (dtype === 'float32') {
    const values = new Float32Array(bytes.buffer, 0, bytes.length / 4)
    return { bytes, set: (index, value) => (values[index] = value) }
  }
  const values = new Uint16Array(bytes.buffer, 0, bytes.length / 2)
  const toBits = dtype === 'float16' ? toFloat16Bits : toBfloat16Bits
  return { bytes, set: (index, value) => (values[index] = toBits(value)) }
}

/** One chunk in MLX's affine layout: number = scale * code + bias, groups of 32 along the row. */
export interface AffineChunk {
  /** Codes packed into little-endian uint32, lowest bits first. */
  readonly weight: Uint8Array
  readonly scales: Uint8Array
  readonly biases: Uint8Array
}

/** Bits per code in the affine layout; absent for types that are not quantized. */
export const affineBits: Readonly<Record<string, 4 | 8>> = { Q4_0: 4, Q4_1: 4, Q8_0: 8 }

/** Number of elements that share a scale, for all of these types. */
export const GROUP_ELEMENTS = 32

/**
 * Converts complete blocks of Q4_0, Q4_1 or Q8_0, without loss if `dtype` is float32.
 *
 * @param source - n blocks
 */
export function convertToAffine(typeName: string, source: Uint8Array, dtype: FloatDtype, memory: ChunkMemory): AffineChunk {
  return typeName === 'Q8_0' ? convertEightBit(source, dtype, memory) : convertFourBit(typeName === 'Q4_1', source, dtype, memory)
}

/**
 * A Q4 block is a half-precision scale, a half-precision bias (Q4_1 only), and 16 bytes: element i in the low bits,
 * element 16 + i in the high bits.
 */
function convertFourBit(hasBias: boolean, source: Uint8Array, dtype: FloatDtype, memory: ChunkMemory): AffineChunk {
  const halves = float16Values()
  const codesStart = hasBias ? 4 : 2
  const blockBytes = codesStart + 16
  const blocks = source.length / blockBytes
  const weight = memory.take('weight', blocks * 16)
  const scales = floatSink(memory.take('scales', blocks * floatDtypeBytes[dtype]), dtype)
  const biases = floatSink(memory.take('biases', blocks * floatDtypeBytes[dtype]), dtype)
  for (let block = 0; block < blocks; block++) {
    const start = block * blockBytes
    const scale = halves[source[start]! | (source[start + 1]! << 8)]!
    scales.set(block, scale)
    biases.set(block, hasBias ? halves[source[start + 2]! | (source[start + 3]! << 8)]! : -8 * scale)
    for (let pair = 0; pair < 8; pair++) {
      const first = source[start + codesStart + 2 * pair]!
      const second = source[start + codesStart + 2 * pair + 1]!
      weight[block * 16 + pair] = (first & 0x0f) | ((second & 0x0f) << 4)
      weight[block * 16 + 8 + pair] = (first >> 4) | (second & 0xf0)
    }
  }
  return { weight, scales: scales.bytes, biases: biases.bytes }
}

/** A Q8_0 block is a half-precision scale and 32 signed bytes. */
function convertEightBit(source: Uint8Array, dtype: FloatDtype, memory: ChunkMemory): AffineChunk {
  const halves = float16Values()
  const blocks = source.length / 34
  const weight = memory.take('weight', blocks * 32)
  const scales = floatSink(memory.take('scales', blocks * floatDtypeBytes[dtype]), dtype)
  const biases = floatSink(memory.take('biases', blocks * floatDtypeBytes[dtype]), dtype)
  for (let block = 0; block < blocks; block++) {
    const start = block * 34
    const scale = halves[source[start]! | (source[start + 1]! << 8)]!
    scales.set(block, scale)
    biases.set(block, -128 * scale)
    for (let element = 0; element < 32; element++) weight[block * 32 + element] = source[start + 2 + element]! ^ 0x80
  }
  return { weight, scales: scales.bytes, biases: biases.bytes }
}

/** Converts F32, F16 or BF16 numbers to `dtype`. */
export function convertFloats(typeName: string, source: Uint8Array, dtype: FloatDtype, memory: ChunkMemory): Uint8Array {
  const view = new DataView(source.buffer, source.byteOffset, source.byteLength)
  const length = source.length / (typeName === 'F32' ? 4 : 2)
  const halves = float16Values()
  const single = new DataView(new ArrayBuffer(4))
  const read = {
    F32: (index: number) => view.getFloat32(4 * index, true),
    F16: (index: number) => halves[view.getUint16(2 * index, true)]!,
    BF16: (index: number) => {
      single.setUint16(0, view.getUint16(2 * index, true))
      return single.getFloat32(0)
    },
  }[typeName as 'F32' | 'F16' | 'BF16']
  const sink = floatSink(memory.take('weight', length * floatDtypeBytes[dtype]), dtype)
  for (let index = 0; index < length; index++) sink.set(index, read(index))
  return sink.bytes
}
