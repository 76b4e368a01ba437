/**
 * A gated delta net in place of attention: a short convolution over queries, keys and values, then per value head one
 * matrix that each token lets fade, corrects and reads. A sequence keeps these matrices and the convolution's last inputs.
 */
export interface DeltaNetDescription {
  readonly keyHeads: number
  /** A multiple of the key heads: each serves as many. */
  readonly valueHeads: number
  readonly keyDim: number
  readonly valueDim: number
  /** Tokens that the convolution sees. */
  readonly kernel: number
  /** Of the norm of a head's result. */
  readonly normEpsilon: number
  /** Within a layer's modules. */
  readonly module: string
  /** Two projections whose rows lie by key head (queries, keys, values, gates; strengths, decays), not four that lie by kind. */
  readonly isByKeyHead: boolean
}
