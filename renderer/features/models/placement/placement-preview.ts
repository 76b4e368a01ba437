import { z } from 'zod'
import { Fallback, PlacedShard } from '../../../../main/shared/placement.ts'
import { WantedKvBits } from '../../../../main/shared/models/kv-bits.ts'
import { ParallelStrategy } from '../../../../main/shared/models/model-card.ts'
import { Backend } from '../../../../main/shared/shard.ts'
import { NoForecast, SpeedForecast } from '../../../../main/shared/speed/speed-forecast.ts'

const PossibleWay = z.object({
  strategy: ParallelStrategy,
  backend: Backend,
  jacclRing: z.boolean(),
  /** Absent in previews of earlier versions. */
  contextTokens: z.number().optional(),
  shards: z.array(PlacedShard),
  fallbacks: z.array(Fallback),
  /** Absent from nodes of earlier versions. */
  speed: z.union([SpeedForecast, NoForecast]).optional(),
})
const ImpossibleWay = z.object({ strategy: ParallelStrategy, backend: Backend, minNodes: z.number(), error: z.string() })
export type PossibleWay = z.infer<typeof PossibleWay>
export type ImpossibleWay = z.infer<typeof ImpossibleWay>

export const PlacementPreviews = z.object({ previews: z.array(z.union([PossibleWay, ImpossibleWay])) })
export type PlacementPreviews = z.infer<typeof PlacementPreviews>

/** What the user has chosen besides the way. null: the cluster decides. */
export interface PlacementChoice {
  readonly contextTokens: number | null
  /** Bits per number of the KV cache. */
  readonly kvBits: WantedKvBits | null
  readonly nodeIds: readonly string[] | null
}

/** The request that selects exactly this placement. */
export interface WayRequest {
  readonly sharding: PossibleWay['strategy']
  readonly backend?: 'ring' | 'jaccl'
  readonly min_nodes: number
  readonly context_tokens?: number
  readonly kv_bits?: WantedKvBits
  readonly nodes?: readonly string[]
}

/** The choices of a KV cache; the first is what is set for the model or the node. */
export const KV_BITS_CHOICES = ['', '32', '16', '8', '4'] as const
export type KvBitsChoice = (typeof KV_BITS_CHOICES)[number]

export const kvBitsOfChoice = (choice: KvBitsChoice): WantedKvBits | null => (choice === '' ? null : WantedKvBits.parse(Number(choice)))

export function toWayRequest({ strategy, backend, shards }: PossibleWay, { contextTokens, kvBits, nodeIds }: PlacementChoice): WayRequest {
  return {
    sharding: strategy,
    ...(backend === 'local' ? {} : { backend }),
    min_nodes: shards.length,
    ...(contextTokens === null ? {} : { context_tokens: contextTokens }),
    ...(kvBits === null ? {} : { kv_bits: kvBits }),
    ...(nodeIds === null ? {} : { nodes: nodeIds }),
  }
}

export function previewPath(modelId: string, { contextTokens, kvBits, nodeIds }: PlacementChoice): string {
  const query = new URLSearchParams({ model_id: modelId })
  if (contextTokens !== null) query.set('context_tokens', `${contextTokens}`)
  if (kvBits !== null) query.set('kv_bits', `${kvBits}`)
  if (nodeIds !== null) query.set('nodes', nodeIds.join(','))
  return `/instance/previews?${query.toString()}`
}

/** Lists a reason that several placements share only once. */
export function splitWays({ previews }: PlacementPreviews): {
  readonly possible: PossibleWay[]
  readonly impossible: { readonly reason: string; readonly ways: ImpossibleWay[] }[]
} {
  const possible = previews.filter((way): way is PossibleWay => 'shards' in way)
  const impossible = previews.filter((way): way is ImpossibleWay => 'error' in way)
  const reasons = [...new Set(impossible.map(({ error }) => error))]
  return { possible, impossible: reasons.map((reason) => ({ reason, ways: impossible.filter(({ error }) => error === reason) })) }
}

/** Of each number of machines, the best way; the others are shown on demand. */
export function mainWays(possible: readonly PossibleWay[]): { readonly main: PossibleWay[]; readonly more: PossibleWay[] } {
  const main = possible.filter((way, index) => possible.findIndex(({ shards }) => shards.length === way.shards.length) === index)
  return { main, more: possible.filter((way) => !main.includes(way)) }
}

/** The cache of one conversation that fills the context, on all machines together. */
export const cacheBytes = ({ shards }: PossibleWay): number => shards.reduce((sum, { kvBytes }) => sum + kvBytes, 0)
