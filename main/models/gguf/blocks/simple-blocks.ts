import { float16At } from './float16.ts'
import type { AffineGroup, BlockFormat } from './block-format.ts'

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

const only = (groups: readonly AffineGroup[]): AffineGroup => groups[0]!

/** The types with one scale per 32 numbers: a half-precision scale, for the `_1` types a half-precision minimum, and the codes. */
export const simpleBlocks = {
  Q4_0: {
    kind: 'groups',
    blockElements: 32,
    blockBytes: 18,
    bits: 4,
    read(source, start, groups) {
      const group = only(groups)
      group.scale = float16At(source, start)
      group.bias = -8 * group.scale
      readNibbles(source, start + 2, group.codes)
    },
  },
  Q4_1: {
    kind: 'groups',
    blockElements: 32,
    blockBytes: 20,
    bits: 4,
    read(source, start, groups) {
      const group = only(groups)
      group.scale = float16At(source, start)
      group.bias = float16At(source, start + 2)
      readNibbles(source, start + 4, group.codes)
    },
  },
  Q5_0: {
    kind: 'groups',
    blockElements: 32,
    blockBytes: 22,
    bits: 5,
    read(source, start, groups) {
      const group = only(groups)
      group.scale = float16At(source, start)
      group.bias = -16 * group.scale
      readNibbles(source, start + 6, group.codes)
      addFifthBits(source, start + 2, group.codes)
    },
  },
  Q5_1: {
    kind: 'groups',
    blockElements: 32,
    blockBytes: 24,
    bits: 5,
    read(source, start, groups) {
      const group = only(groups)
      group.scale = float16At(source, start)
      group.bias = float16At(source, start + 2)
      readNibbles(source, start + 8, group.codes)
      addFifthBits(source, start + 4, group.codes)
    },
  },
  Q8_0: {
    kind: 'groups',
    blockElements: 32,
    blockBytes: 34,
    bits: 8,
    read(source, start, groups) {
      const group = only(groups)
      group.scale = float16At(source, start)
      group.bias = -128 * group.scale
      for (let index = 0; index < 32; index++) group.codes[index] = source[start + 2 + index]! ^ 0x80
    },
  },
} as const satisfies Record<string, BlockFormat>
