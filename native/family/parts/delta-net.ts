/**
 * A gated delta net in place of attention: a short convolution over queries, keys and values, then per value head one
 * matrix that each token lets fade, corrects and reads. A sequence keeps these matrices and the convolution's last inputs.
 */
export interface DeltaNetDescription {
  readonly kind: 'delta-net'
  readonly keyHeads: number
  /** A multiple of the key heads: each key head serves the same number of value heads. */
  readonly valueHeads: number
  readonly keyDim: number
  readonly valueDim: number
  /** The number of tokens that the convolution covers. */
  readonly kernel: number
  /** The epsilon of the norm of each head's result. */
  readonly normEpsilon: number
  /** The module's name within a layer. */
  readonly module: string
  /** Two projections with rows ordered by key head (queries, keys, values, gates; strengths, decays) instead of four ordered by kind. */
  readonly isByKeyHead: boolean
}
