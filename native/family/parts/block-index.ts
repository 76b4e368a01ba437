import type { RopePlan } from '../../plan/decoder-plan.ts'

/** The choice of the blocks of tokens that attention sees, by one narrow key per token and a query for each group of heads. */
export interface BlockIndexDescription {
  readonly heads: number
  /** The width of keys and queries. */
  readonly dim: number
  readonly blockTokens: number
  /** The number of blocks that are seen at most. */
  readonly chosen: number
  /** The token's own block and those before it that are always seen. */
  readonly localBlocks: number
  readonly rope: RopePlan
  /** Modules within a layer. */
  readonly query: string
  readonly key: string
  readonly queryNorm: string
  readonly keyNorm: string
}
