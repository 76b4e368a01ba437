import type { DeltaNetDescription } from './delta-net.ts'

/** A Mamba 2 layer: a short convolution, then per head one matrix that each token lets fade, adds to and reads. */
export interface MambaDescription {
  readonly kind: 'mamba'
  readonly heads: number
  /** Their heads share the directions in which states are written and read. */
  readonly groups: number
  readonly headDim: number
  readonly stateDim: number
  /** The number of tokens that the convolution covers. */
  readonly kernel: number
  readonly stepRange: readonly [least: number, largest: number]
  readonly hasConvolutionBias: boolean
  readonly hasProjectionBias: boolean
  /** The parts that the norm of the gated results covers separately. */
  readonly normGroups: number
  readonly normEpsilon: number
  /** The module's name within a layer. */
  readonly module: string
}

/** A gated convolution over a few tokens (LFM 2). */
export interface ShortConvolutionDescription {
  readonly kind: 'short-convolution'
  readonly kernel: number
  readonly hasBias: boolean
  readonly module: string
}

export type StateDescription = DeltaNetDescription | MambaDescription | ShortConvolutionDescription
