import type { ShardStats } from '../shared/shard.ts'

/** Values that are read on request, rather than counted as they happen. */
export interface MetricsSnapshot {
  /** Requests that run or wait. */
  readonly activeInferences: number
  /** Of this node. */
  readonly shards: readonly {
    readonly instanceId: string
    readonly modelId: string
    readonly rank: number
    readonly residentBytes: number
    readonly stats: ShardStats | null
  }[]
  /** Of the whole cluster; a status each: `ready`, `recovering` … */
  readonly instances: readonly { readonly status: string }[]
  readonly peers: readonly { readonly status: string }[]
  /** From this node. */
  readonly links: readonly {
    readonly to: string
    readonly kind: string
    readonly roundTripMs: number | null
    /** Since the link or the node began; null: not counted. */
    readonly sentBytes: number | null
    readonly receivedBytes: number | null
  }[]
  readonly leader: { readonly term: number; readonly isThisNode: boolean } | null
  /** Those that wait to be resumed among the active ones; the others, and `bytes`, since the start. */
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
