/** Number of elements that share a scale and a bias in the converted model, for all types. */
export const GROUP_ELEMENTS = 32

/** Consecutive numbers of a row: number = scale * code + bias. */
export interface AffineGroup {
  /** Shape [GROUP_ELEMENTS]. */
  readonly codes: Uint8Array
  scale: number
  bias: number
}

/** How a GGUF type stores numbers. A block is decoded at once, into groups or into numbers in the order of the row. */
export type BlockFormat = {
  readonly blockElements: number
  readonly blockBytes: number
  /** Bits per code in the converted model. */
  readonly bits: 2 | 3 | 4 | 5 | 6 | 8
} & (
  | {
      /** Each 32 numbers share a scale, so the conversion is exact in float32. */
      readonly kind: 'groups'
      /** @param start - offset of the block in `source` @param groups - receives the block, shape [blockElements / GROUP_ELEMENTS] */
      read(source: Uint8Array, start: number, groups: readonly AffineGroup[]): void
    }
  | {
      /** Scales change within a group, so the numbers are quantized again, to two bits more than the file has. */
      readonly kind: 'numbers'
      /** @param numbers - receives the block, shape [blockElements] */
      read(source: Uint8Array, start: number, numbers: Float32Array): void
    }
)
