import type { RopePlan } from '../../plan/decoder-plan.ts'

/** Several residual streams per token, which halves of layers read as one and write back to all. */
export interface StreamsDescription {
  readonly count: number
  /** How often the mixes are normalized by columns and rows. */
  readonly rounds: number
  readonly epsilon: number
  /** Modules within a layer. */
  readonly attention: string
  readonly feedForward: string
}

/**
 * Attention to one key per token of a window, which is the value too, and to pooled groups of all earlier tokens. A layer sees the
 * groups of the nearest layer up to it that pools, and the choice of the nearest one with an index.
 */
export interface TokenGroupsDescription {
  /** The number of tokens in a group. */
  readonly tokens: number
  /** The width of the narrow layer that produces queries. */
  readonly queryDim: number
  /** The width of the first product of the results, for each of `outputGroups` groups of heads. */
  readonly outputDim: number
  readonly outputGroups: number
  /** The rotation of layers that see groups. Others have that of the decoder. */
  readonly rope: RopePlan
  readonly index: { readonly heads: number; readonly dim: number }
  /** The number of groups that are seen at most. */
  readonly chosen: number
  /** Later indexes choose only among the groups in the best blocks of the layer `source`; null: among all. */
  readonly candidates: { readonly source: number; readonly blocks: number; readonly blockGroups: number } | null
  /** Shape [layers]. */
  readonly layers: readonly { readonly seesGroups: boolean; readonly pools: boolean; readonly hasIndex: boolean }[]
}
