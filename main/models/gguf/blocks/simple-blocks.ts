import { float16At } from './float16.ts'
import type { BlockFormat } from './block-format.ts'

/** 16 bytes: number i in the low bits of byte i, number 16 + i in the high bits. */
function readNibbles(source: Uint8Array, start: number, codes: Uint8Array): void {
  for (let index = 0; index < 16; index++) {
    const byte = source[start + index]!
    codes[index] = byte & 15
    codes[16 + index] = byte >> 4
  }
}

/** Four bytes: bit i is the fifth bit of number i. */
function addFifthBits(source: Uint8Array, start: number, codes: Uint8Array): void {
  for (let index = 0; index < 32; index++) codes[index]! |= ((source[start + (index >> 3)]! >> (index & 7)) & 1) << 4
}

interface Layout {
  readonly bits: 4 | 5
  /** Whether the block states its minimum; otherwise codes are signed. */
  readonly hasMinimum: boolean
}

/** A half-precision scale, perhaps a half-precision minimum, perhaps the fifth bits, and 16 bytes of the lower four bits. */
function oneGroup({ bits, hasMinimum }: Layout): BlockFormat {
  const fifths = hasMinimum ? 4 : 2
  const codesStart = bits === 5 ? fifths + 4 : fifths
  return {
    kind: 'groups',
    blockElements: 32,
    blockBytes: codesStart + 16,
    bits,
    read(source, start, groups) {
      const group = groups[0]!
      group.scale = float16At(source, start)
      group.bias = hasMinimum ? float16At(source, start + 2) : -(2 ** (bits - 1)) * group.scale
      readNibbles(source, start + codesStart, group.codes)
      if (bits === 5) addFifthBits(source, start + fifths, group.codes)
    },
  }
}

/** The types with one scale per 32 numbers. */
export const simpleBlocks = {
  Q4_0: oneGroup({ bits: 4, hasMinimum: false }),
  Q4_1: oneGroup({ bits: 4, hasMinimum: true }),
  Q5_0: oneGroup({ bits: 5, hasMinimum: false }),
  Q5_1: oneGroup({ bits: 5, hasMinimum: true }),
  /** A half-precision scale and 32 signed bytes. */
  Q8_0: {
    kind: 'groups',
    blockElements: 32,
    blockBytes: 34,
    bits: 8,
    read(source, start, groups) {
      const group = groups[0]!
      group.scale = float16At(source, start)
      group.bias = -128 * group.scale
      for (let index = 0; index < 32; index++) group.codes[index] = source[start + 2 + index]! ^ 0x80
    },
  },
} as const satisfies Record<string, BlockFormat>
