import { describe, expect, it } from 'vitest'
import { convertFloats, createChunkMemory } from './convert-blocks.ts'

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
