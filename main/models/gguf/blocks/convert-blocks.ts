import { type BlockFormat, GROUP_ELEMENTS } from './block-format.ts'
import { blockFormats } from './block-formats.ts'
import { createGroups, dequantizeBlocks } from './dequantize-blocks.ts'
import { requantize } from './requantize.ts'
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

/**
 * Converts complete blocks. Types with a scale per 32 numbers are converted without loss if `dtype` is float32; the others are
 * quantized again, with two bits more.
 *
 * @param source - n blocks
 */
export function convertToAffine(format: BlockFormat, source: Uint8Array, dtype: FloatDtype, memory: ChunkMemory): AffineChunk {
  const blocks = source.length / format.blockBytes
  const groups = createGroups(format)
  const numbers = new Float32Array(format.blockElements)
  const groupCount = blocks * groups.length
  const groupBytes = (GROUP_ELEMENTS * format.bits) / 8
  const weight = memory.take('weight', groupCount * groupBytes)
  const scales = floatSink(memory.take('scales', groupCount * floatDtypeBytes[dtype]), dtype)
  const biases = floatSink(memory.take('biases', groupCount * floatDtypeBytes[dtype]), dtype)
  for (let block = 0; block < blocks; block++) {
    if (format.kind === 'groups') {
      format.read(source, block * format.blockBytes, groups)
    } else {
      format.read(source, block * format.blockBytes, numbers)
      groups.forEach((group, index) => requantize(numbers, index * GROUP_ELEMENTS, format.bits, group))
    }
    for (let index = 0; index < groups.length; index++) {
      const { codes, scale, bias } = groups[index]!
      const target = block * groups.length + index
      scales.set(target, scale)
      biases.set(target, bias)
      packCodes(codes, format.bits, weight, target * groupBytes)
    }
  }
  return { weight, scales: scales.bytes, biases: biases.bytes }
}

/** Writes codes of `bits` bits one after another, lowest bits first. */
export function packCodes(codes: Uint8Array, bits: number, target: Uint8Array, start: number): void {
  let pending = 0
  let pendingBits = 0
  let at = start
  for (let index = 0; index < codes.length; index++) {
    pending |= codes[index]! << pendingBits
    pendingBits += bits
    while (pendingBits >= 8) {
      target[at++] = pending & 0xff
      pending >>>= 8
      pendingBits -= 8
    }
  }
}

/** Converts numbers of any importable type to `dtype`. @param source - complete blocks */
export function convertFloats(typeName: string, source: Uint8Array, dtype: FloatDtype, memory: ChunkMemory): Uint8Array {
  const format = blockFormats.get(typeName)
  if (format) {
    const elements = (source.length / format.blockBytes) * format.blockElements
    const sink = floatSink(memory.take('weight', elements * floatDtypeBytes[dtype]), dtype)
    dequantizeBlocks(format, source, (index, value) => sink.set(index, value))
    return sink.bytes
  }
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
