import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { convertFloats, createChunkMemory, type FloatDtype } from '../gguf/blocks/convert-blocks.ts'
import { quantizeRows } from './quantize-rows.ts'

interface Case {
  readonly dtype: FloatDtype
  readonly bits: number
  readonly group: number
  /** All in base64. */
  readonly rows: string
  readonly weight: string
  readonly scales: string
  readonly biases: string
}

/** What `mx.quantize` made of random numbers, of zeros, and of numbers of one sign. */
const cases = JSON.parse(readFileSync(new URL('__fixtures__/mlx-quantized.json', import.meta.url), 'utf8')) as Case[]
const names = { float32: 'F32', float16: 'F16', bfloat16: 'BF16' } as const

describe('quantized rows', () => {
  it.each(cases)('are those of MLX to the bit: $dtype, $bits bits, groups of $group', ({ dtype, bits, group, ...text }) => {
    const bytes = new Uint8Array(Buffer.from(text.rows, 'base64'))
    const wide = convertFloats(names[dtype], bytes, 'float32', createChunkMemory())
    const { weight, scales, biases } = quantizeRows(new Float32Array(wide.slice().buffer), bits, group)
    const stored = (numbers: Float32Array) =>
      Buffer.from(convertFloats('F32', new Uint8Array(numbers.buffer), dtype, createChunkMemory())).toString('base64')
    expect(stored(scales)).toBe(text.scales)
    expect(stored(biases)).toBe(text.biases)
    expect(Buffer.from(weight).toString('base64')).toBe(text.weight)
  })
})
