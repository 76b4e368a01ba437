import { float16At } from './float16.ts'
import type { AffineGroup, BlockFormat } from './block-format.ts'

/** The numbers that the four bits of IQ4_NL and IQ4_XS stand for, times the scale. */
const UNEVEN = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113]
/** Twice the values of a four-bit float. */
const FLOAT4 = [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12]

/** Decodes 16 bytes of indices into a codebook of whole numbers, which are codes of an affine group themselves. */
function readIndices(source: Uint8Array, start: number, codebook: readonly number[], scale: number, group: AffineGroup): void {
  const lowest = Math.min(...codebook)
  group.scale = scale
  group.bias = lowest * scale
  for (let index = 0; index < 16; index++) {
    const byte = source[start + index]!
    group.codes[index] = codebook[byte & 15]! - lowest
    group.codes[16 + index] = codebook[byte >> 4]! - lowest
  }
}

/** The types whose codes are indices of a table. */
export const codebookBlocks = {
  IQ4_NL: {
    kind: 'groups',
    blockElements: 32,
    blockBytes: 18,
    bits: 8,
    read(source, start, groups) {
      readIndices(source, start + 2, UNEVEN, float16At(source, start), groups[0]!)
    },
  },
  IQ4_XS: {
    kind: 'groups',
    blockElements: 256,
    blockBytes: 136,
    bits: 8,
    read(source, start, groups) {
      const scale = float16At(source, start)
      const highBits = source[start + 2]! | (source[start + 3]! << 8)
      for (let group = 0; group < 8; group++) {
        const low = (source[start + 4 + (group >> 1)]! >> (4 * (group & 1))) & 15
        const high = (highBits >> (2 * group)) & 3
        readIndices(source, start + 8 + group * 16, UNEVEN, scale * ((low | (high << 4)) - 32), groups[group]!)
      }
    },
  },
  MXFP4: {
    kind: 'groups',
    blockElements: 32,
    blockBytes: 17,
    bits: 5,
    read(source, start, groups) {
      readIndices(source, start + 1, FLOAT4, 2 ** (source[start]! - 128), groups[0]!)
    },
  },
} as const satisfies Record<string, BlockFormat>
