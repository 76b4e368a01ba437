/**
 * Latent attention (DeepSeek): the cache stores one narrow latent and one rotated key per token for all heads. Each head has one
 * matrix that maps its query into the latent space and one that maps the result back.
 */
export interface LatentDescription {
  /** The width of the latent. */
  readonly latentDim: number
  /** The width of the rotated key and of the part of each query head that is multiplied with it. */
  readonly rotatedDim: number
  /** The width of the part of each query head that is mapped to the latent. */
  readonly plainDim: number
  /** The width of each head's result. */
  readonly valueDim: number
  /** The width of the narrow layer that produces queries; null: they are computed directly from the hidden state. */
  readonly queryDim: number | null
  /** The narrow layers have a bias. */
  readonly hasNarrowBias: boolean
  /** The epsilon of the norms of the narrow layers. */
  readonly normEpsilon: number
}
