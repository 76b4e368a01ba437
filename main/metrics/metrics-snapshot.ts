import type { ShardStats } from '../shared/shard.ts'

/** Values that are read on request, rather than counted as they happen. */
export interface MetricsSnapshot {
  /** Requests that are running or waiting. */
  readonly activeInferences: number
  /** The shards of this node. */
  readonly shards: readonly {
    readonly instanceId: string
    readonly modelId: string
    readonly rank: number
    readonly residentBytes: number
    readonly stats: ShardStats | null
  }[]
  /** Instances of the whole cluster, each with a status: `ready`, `recovering` … */
  readonly instances: readonly { readonly status: string }[]
  readonly peers: readonly { readonly status: string }[]
  /** Links from this node. */
  readonly links: readonly {
    readonly to: string
    readonly kind: string
    readonly roundTripMs: number | null
    /** Since the start of the link or the node; null: not counted. */
    readonly sentBytes: number | null
    readonly receivedBytes: number | null
  }[]
  readonly leader: { readonly term: number; readonly isThisNode: boolean } | null
  /** `active` includes downloads that wait to be resumed. The other counts, and `bytes`, are since the start. */
  readonly downloads: {
    readonly active: number
    readonly done: number
    readonly failed: number
    readonly cancelled: number
    readonly bytes: number
  }
  readonly memory: { readonly totalBytes: number; readonly availableBytes: number }
  readonly history: { readonly isOn: boolean; readonly droppedRows: number }
  readonly process: { readonly residentBytes: number; readonly cpuSeconds: number; readonly startedAtEpochMs: number }
}
