import { z } from 'zod'
import { Fallback, PlacedShard } from '../../../main/shared/placement.ts'
import { WantedKvBits } from '../../../main/shared/models/kv-bits.ts'
import { ParallelStrategy } from '../../../main/shared/models/model-card.ts'
import { Backend } from '../../../main/shared/shard.ts'
import { NoForecast, SpeedForecast } from '../../../main/shared/speed/speed-forecast.ts'

const PossibleWay = z.object({
  strategy: ParallelStrategy,
  backend: Backend,
  jacclRing: z.boolean(),
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

/** The request that selects exactly this placement. */
export interface WayRequest {
  readonly sharding: PossibleWay['strategy']
  readonly backend?: 'ring' | 'jaccl'
  readonly min_nodes: number
  readonly kv_bits?: WantedKvBits
}

/** Bits per number of the KV cache; empty: as set for the model or the node. */
export const KV_BITS_CHOICES = ['', '32', '16', '8', '4'] as const
export type KvBitsChoice = (typeof KV_BITS_CHOICES)[number]

export function previewsPath(modelId: string, kvBits: KvBitsChoice): string {
  return `/instance/previews?model_id=${encodeURIComponent(modelId)}${kvBits === '' ? '' : `&kv_bits=${kvBits}`}`
}

export function toWayRequest({ strategy, backend, shards }: PossibleWay, kvBits: KvBitsChoice = ''): WayRequest {
  return {
    sharding: strategy,
    ...(backend === 'local' ? {} : { backend }),
    min_nodes: shards.length,
    ...(kvBits === '' ? {} : { kv_bits: WantedKvBits.parse(Number(kvBits)) }),
  }
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
