import type { RopePlan } from '../../plan/decoder-plan.ts'
import type { DeltaNetDescription } from './delta-net.ts'

/** A delta net in which every dimension of a key decays by itself (KDA). Decays and gates come from narrow layers of a head's width. */
export interface KeyDeltaNetDescription {
  readonly kind: 'key-delta-net'
  readonly heads: number
  readonly headDim: number
  /** The number of tokens that the convolutions cover. */
  readonly kernel: number
  readonly normEpsilon: number
  /** The least logarithm of a decay; 0: there is no limit. */
  readonly decayBound?: number
  /** Gates come directly from the hidden state. */
  readonly hasWideGate?: boolean
  /** The module's name within a layer. */
  readonly module: string
}

/** Lightning attention: per head one matrix that fades at a fixed rate, and that each token adds to and reads. */
export interface LightningDescription {
  readonly kind: 'lightning'
  readonly heads: number
  readonly headDim: number
  /** The logarithm of the factor by which each head's matrix fades with each token; shape [heads]. */
  readonly fading: readonly number[]
  readonly rope: RopePlan
  /** RMS norm of every query and key head before the rotation. */
  readonly hasHeadNorms: boolean
  readonly hasInputBias: boolean
  readonly hasOutputBias: boolean
  /** The parts that the norm of the results covers separately. */
  readonly normGroups: number
  readonly normEpsilon: number
  /** The module's name within a layer. */
  readonly module: string
}

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
  /** Default: like the first projection. */
  readonly hasOutputBias?: boolean
  /** The parts that the norm of the gated results covers separately. */
  readonly normGroups: number
  readonly normEpsilon: number
  /** The weights of versions for MLX contain factors that the original checkpoint's do not, so the latter is refused. */
  readonly isConvertedOnly?: boolean
  /** The gated results have a norm. */
  readonly hasNorm: boolean
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

export type StateDescription =
  | DeltaNetDescription
  | KeyDeltaNetDescription
  | LightningDescription
  | MambaDescription
  | ShortConvolutionDescription
