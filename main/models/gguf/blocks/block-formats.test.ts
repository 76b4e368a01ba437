import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { convertToAffine, createChunkMemory } from './convert-blocks.ts'
import { GROUP_ELEMENTS } from './block-format.ts'
import { blockFormats } from './block-formats.ts'
import { dequantizeBlocks } from './dequantize-blocks.ts'

/** Two blocks of each type, and their numbers by llama.cpp's own package. */
const reference = JSON.parse(readFileSync(join(import.meta.dirname, '__fixtures__', 'dequantized.json'), 'utf8')) as Record<
  string,
  { blocks: string; numbers: string }
>
const referenceOf = (name: string): { source: Uint8Array; expected: Float32Array } => {
  const { blocks, numbers } = reference[name]!
  return {
    source: Uint8Array.from(Buffer.from(blocks, 'base64')),
    expected: new Float32Array(Uint8Array.from(Buffer.from(numbers, 'base64')).buffer),
  }
}

/** The numbers of a converted chunk by MLX's definition. */
function affineNumbers(name: string, source: Uint8Array): number[] {
  const format = blockFormats.get(name)!
  const { weight, scales, biases } = convertToAffine(format, source, 'float32', createChunkMemory())
  const floats = (bytes: Uint8Array): Float32Array => new Float32Array(Uint8Array.from(bytes).buffer)
  const [scale, bias] = [floats(scales), floats(biases)]
  const code = (index: number): number => {
    const bit = index * format.bits
    const pair = weight[bit >> 3]! | ((weight[(bit >> 3) + 1] ?? 0) << 8)
    return (pair >> (bit & 7)) & (2 ** format.bits - 1)
  }
  return Array.from({ length: scale.length * GROUP_ELEMENTS }, (_, index) => {
    const group = Math.floor(index / GROUP_ELEMENTS)
    return Math.fround(scale[group]! * code(index) + bias[group]!)
  })
}

const unsignedZero = (value: number): number => (value === 0 ? 0 : value)

describe('blockFormats', () => {
  it('covers the types of the reference', () => {
    expect([...blockFormats.keys()].sort()).toEqual(Object.keys(reference).sort())
  })

  it.each(Object.keys(reference))('decodes %s to the bit', (name) => {
    const { source, expected } = referenceOf(name)
    const numbers = new Float32Array(expected.length)
    dequantizeBlocks(blockFormats.get(name)!, source, (index, value) => (numbers[index] = value))
    expect([...numbers].map(unsignedZero)).toEqual([...expected].map(unsignedZero))
  })

  it.each([...blockFormats].filter(([, { kind }]) => kind === 'groups').map(([name]) => name))('converts %s without loss', (name) => {
    const { source, expected } = referenceOf(name)
    expect(affineNumbers(name, source).map(unsignedZero)).toEqual([...expected].map(unsignedZero))
  })

  it.each([...blockFormats].filter(([, { kind }]) => kind === 'numbers'))('quantizes %s again to the nearest code', (name, { bits }) => {
    const { source, expected } = referenceOf(name)
    const converted = affineNumbers(name, source)
    for (let start = 0; start < expected.length; start += GROUP_ELEMENTS) {
      const group = [...expected.subarray(start, start + GROUP_ELEMENTS)]
      const step = (Math.max(...group) - Math.min(...group)) / (2 ** bits - 1)
      group.forEach((value, index) => expect(Math.abs(converted[start + index]! - value)).toBeLessThanOrEqual(step * 0.5001))
    }
  })
})
