import type { RopePlan } from '../../plan/decoder-plan.ts'

/** The choice of the tokens that latent attention sees, by narrow keys of their own. */
export interface SparseIndexDescription {
  readonly heads: number
  readonly dim: number
  /** The number of tokens that are seen at most. */
  readonly chosen: number
  readonly rope: RopePlan
  /** The module's name within the attention's. */
  readonly module: string
}

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
  /** Absent: all tokens are seen. */
  readonly index?: SparseIndexDescription
  /** A module whose sigmoid is a factor on each element of the results; absent: none. */
  readonly gate?: string
  /** The module's name within a layer, and its output's within it; default: `self_attn` and `o_proj`. */
  readonly module?: string
  readonly output?: string
}
