/**
 * Latent attention (DeepSeek): a token keeps one narrow latent and one rotated key for all heads; each head has a matrix
 * that brings its query to the latent, and one that brings what it finds there back.
 */
export interface LatentDescription {
  /** Numbers of the latent. */
  readonly latentDim: number
  /** Numbers of the rotated key, and of each query head's part that meets it. */
  readonly rotatedDim: number
  /** Of each query head's part that meets the latent. */
  readonly plainDim: number
  /** Of each head's result. */
  readonly valueDim: number
  /** Queries come out of a narrow layer of this width; null: straight from the hidden state. */
  readonly queryDim: number | null
  /** The narrow layers have a bias. */
  readonly hasNarrowBias: boolean
  /** Of the norms of the narrow layers. */
  readonly normEpsilon: number
}
