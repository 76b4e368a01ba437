import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AffineChunk, convertFloats, convertToAffine, createChunkMemory } from './convert-blocks.ts'
import { float16Values } from './float16.ts'

const blockBytes = { Q4_0: 18, Q4_1: 20, Q8_0: 34 } as const
type TypeName = keyof typeof blockBytes

/** The numbers of one block by GGUF's own definition. */
function ggufNumbers(type: TypeName, block: Uint8Array): number[] {
  const half = (at: number): number => float16Values()[block[at]! | (block[at + 1]! << 8)]!
  if (type === 'Q8_0') return Array.from({ length: 32 }, (_, index) => half(0) * new Int8Array(block.buffer, block.byteOffset)[2 + index]!)
  const codes = block.subarray(type === 'Q4_1' ? 4 : 2)
  const code = (index: number): number => (index < 16 ? codes[index]! & 15 : codes[index - 16]! >> 4)
  return Array.from({ length: 32 }, (_, index) => (type === 'Q4_1' ? half(0) * code(index) + half(2) : half(0) * (code(index) - 8)))
}

/** The numbers of one group by MLX's definition. */
function affineNumbers(bits: number, { weight, scales, biases }: AffineChunk): number[] {
  const words = new DataView(weight.buffer, weight.byteOffset)
  const scale = new DataView(scales.buffer, scales.byteOffset).getFloat32(0, true)
  const bias = new DataView(biases.buffer, biases.byteOffset).getFloat32(0, true)
  const perWord = 32 / bits
  const code = (index: number): number =>
    (words.getUint32(4 * Math.floor(index / perWord), true) >>> (bits * (index % perWord))) & (2 ** bits - 1)
  return Array.from({ length: 32 }, (_, index) => scale * code(index) + bias)
}

const unsignedZero = (value: number): number => (value === 0 ? 0 : value)

/** A block whose scale and bias are finite. */
const blockOf = (type: TypeName): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: blockBytes[type], maxLength: blockBytes[type] }).map((bytes) => {
    const block = Uint8Array.from(bytes)
    for (const high of type === 'Q4_1' ? [1, 3] : [1]) block[high] = block[high]! & 0xbb
    return block
  })

describe('convertToAffine', () => {
  it.each(['Q4_0', 'Q4_1', 'Q8_0'] as const)('keeps every number of %s', (type) => {
    fc.assert(
      fc.property(blockOf(type), (block) => {
        const numbers = affineNumbers(type === 'Q8_0' ? 8 : 4, convertToAffine(type, block, 'float32', createChunkMemory()))
        expect(numbers.map(unsignedZero)).toEqual(ggufNumbers(type, block).map(unsignedZero))
      }),
    )
  })
})

describe('convertFloats', () => {
  it('reads and writes each type', () => {
    const source = { F32: new Float32Array([1.5, -2]), F16: new Uint16Array([0x3e00, 0xc000]), BF16: new Uint16Array([0x3fc0, 0xc000]) }
    for (const [name, values] of Object.entries(source)) {
      const bytes = new Uint8Array(values.buffer)
      expect([...new Float32Array(convertFloats(name, bytes, 'float32', createChunkMemory()).slice().buffer)]).toEqual([1.5, -2])
      expect([...new Uint16Array(convertFloats(name, bytes, 'float16', createChunkMemory()).slice().buffer)]).toEqual([0x3e00, 0xc000])
      expect([...new Uint16Array(convertFloats(name, bytes, 'bfloat16', createChunkMemory()).slice().buffer)]).toEqual([0x3fc0, 0xc000])
    }
  })
})
