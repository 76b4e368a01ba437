import type { RopePlan } from '../../plan/decoder-plan.ts'

/** Several residual streams per token, which halves of layers read as one and write back to all. */
export interface StreamsDescription {
  readonly count: number
  /** How often the mixes are normalized by columns and rows. */
  readonly rounds: number
  readonly epsilon: number
  /** Modules within a layer: the name, or the alternative names in different checkpoints. */
  readonly attention: string | readonly string[]
  readonly feedForward: string | readonly string[]
  /** Within the decoder: how the final norm reads the streams; null: as the last half says, and each half as the one before it says. */
  readonly output: string | null
}

/** The names of the modules within a layer, and of a vector. */
export interface GroupModules {
  readonly queryDown: string
  /** The rows of `queryDown` and `key` in one, in files that store them so. */
  readonly queryKey?: string
  readonly queryNorm: string
  readonly queryUp: string
  readonly key: string
  readonly keyNorm: string
  readonly sinks: string
  readonly pool: PoolModules
  readonly index: { readonly queryUp: string; readonly weights: string; readonly keyDown: string; readonly keyNorm: string }
  /** null: the index has no pool of its own. */
  readonly indexPool: PoolModules | null
  readonly outputDown: string
  readonly outputUp: string
}

export interface PoolModules {
  readonly keyValue: string
  readonly gate: string
  /** The rows of both in one, in files that store them so. */
  readonly both?: string
  readonly norm: string
  /** The name of a vector; null: gates have no bias. */
  readonly gateBias: string | null
}

export interface GroupLayer {
  readonly seesGroups: boolean
  readonly pools: boolean
  readonly hasIndex: boolean
  /** The number of tokens in a group that this layer pools; default: that of the description. */
  readonly tokens?: number
  /** A group pools tokens of the group before it, too. */
  readonly areOverlapping?: boolean
}

/**
 * Attention to one key per token of a window, which is the value too, and to pooled groups of all earlier tokens. A layer sees the
 * groups of the nearest layer up to it that pools, and the choice of the nearest one with an index.
 */
export interface TokenGroupsDescription {
  readonly modules: GroupModules
  /** RMS norm, without a weight, of each query. */
  readonly areQueriesNormed: boolean
  /** Keys are rounded as if stored in 8 and 4 bits. */
  readonly areKeysRounded: boolean
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
  readonly layers: readonly GroupLayer[]
}
