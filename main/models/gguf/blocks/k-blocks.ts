import { float16At } from './float16.ts'
import type { BlockFormat } from './block-format.ts'

const BLOCK = 256

/** The scale and the minimum of one of eight groups, 6 bits each, in 12 bytes: those of the last four groups are spread over all bytes. */
function sixBitPair(source: Uint8Array, start: number, group: number): { scale: number; minimum: number } {
  const at = (index: number): number => source[start + index]!
  if (group < 4) return { scale: at(group) & 63, minimum: at(group + 4) & 63 }
  return {
    scale: (at(group + 4) & 15) | ((at(group - 4) >> 6) << 4),
    minimum: (at(group + 4) >> 4) | ((at(group) >> 6) << 4),
  }
}

/** One of the 16 scales of a Q3_K block, 6 bits each in 12 bytes: the low four bits first, then the high two. */
function sixBitScale(source: Uint8Array, start: number, index: number): number {
  const low = (source[start + (index & 7)]! >> (index < 8 ? 0 : 4)) & 15
  const high = (source[start + 8 + (index & 3)]! >> (2 * (index >> 2))) & 3
  return (low | (high << 4)) - 32
}

/** Q4_K and Q5_K: a scale and a minimum per group; the fifth bits, if any, come before the lower four, which two groups share. */
function eightGroups(bits: 4 | 5): BlockFormat {
  const fifths = 16
  const codesStart = bits === 5 ? fifths + BLOCK / 8 : fifths
  return {
    kind: 'groups',
    blockElements: BLOCK,
    blockBytes: codesStart + BLOCK / 2,
    bits,
    read(source, start, groups) {
      const scale = float16At(source, start)
      const minimum = float16At(source, start + 2)
      groups.forEach((target, group) => {
        const pair = sixBitPair(source, start + 4, group)
        target.scale = scale * pair.scale
        target.bias = -minimum * pair.minimum
        const codes = start + codesStart + (group >> 1) * 32
        const shift = 4 * (group & 1)
        for (let index = 0; index < 32; index++) {
          const fifth = bits === 5 ? (source[start + fifths + index]! >> group) & 1 : 0
          target.codes[index] = ((source[codes + index]! >> shift) & 15) | (fifth << 4)
        }
      })
    },
  }
}

const signed = (byte: number): number => (byte << 24) >> 24

/** The types with blocks of 256 numbers whose scales are quantized too: eight groups of 32, or sixteen groups of 16. */
export const kBlocks = {
  Q2_K: {
    kind: 'numbers',
    blockElements: BLOCK,
    blockBytes: 84,
    bits: 4,
    read(source, start, numbers) {
      const scale = float16At(source, start + 80)
      const minimum = float16At(source, start + 82)
      for (let index = 0; index < BLOCK; index++) {
        const group = index >> 5
        const scales = source[start + (index >> 4)]!
        const code = (source[start + 16 + (group >> 2) * 32 + (index & 31)]! >> (2 * (group & 3))) & 3
        numbers[index] = scale * (scales & 15) * code - minimum * (scales >> 4)
      }
    },
  },
  Q3_K: {
    kind: 'numbers',
    blockElements: BLOCK,
    blockBytes: 110,
    bits: 5,
    read(source, start, numbers) {
      const scale = float16At(source, start + 108)
      for (let index = 0; index < BLOCK; index++) {
        const group = index >> 5
        const low = (source[start + 32 + (group >> 2) * 32 + (index & 31)]! >> (2 * (group & 3))) & 3
        const isHigh = (source[start + (index & 31)]! >> group) & 1
        numbers[index] = scale * sixBitScale(source, start + 96, index >> 4) * (isHigh ? low : low - 4)
      }
    },
  },
  Q4_K: eightGroups(4),
  Q5_K: eightGroups(5),
  Q6_K: {
    kind: 'numbers',
    blockElements: BLOCK,
    blockBytes: 210,
    bits: 8,
    read(source, start, numbers) {
      const scale = float16At(source, start + 208)
      for (let index = 0; index < BLOCK; index++) {
        const half = index >> 7
        const quarter = (index >> 5) & 3
        const low = (source[start + half * 64 + (quarter & 1) * 32 + (index & 31)]! >> (4 * (quarter >> 1))) & 15
        const high = (source[start + 128 + half * 32 + (index & 31)]! >> (2 * quarter)) & 3
        numbers[index] = scale * signed(source[start + 192 + (index >> 4)]!) * ((low | (high << 4)) - 32)
      }
    },
  },
} as const satisfies Record<string, BlockFormat>
