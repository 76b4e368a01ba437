import type { MetricsSnapshot } from './metrics-snapshot.ts'

export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** A metric that is read from the snapshot. */
export interface SnapshotMetric {
  readonly name: string
  readonly help: string
  readonly type: 'gauge' | 'counter'
  readonly labels: readonly string[]
  samples(snapshot: MetricsSnapshot, nodeId: string): readonly Sample[]
}

type Shard = MetricsSnapshot['shards'][number]

const SHARD_LABELS = ['node', 'instance', 'model', 'rank']

const gauge = (name: string, help: string, value: (snapshot: MetricsSnapshot) => number | null): SnapshotMetric => ({
  name,
  help,
  type: 'gauge',
  labels: [],
  samples: (snapshot) => [value(snapshot)].flatMap((found) => (found === null ? [] : [{ labels: {}, value: found }])),
})

const ofShards = (type: 'gauge' | 'counter', name: string, help: string, value: (shard: Shard) => number | undefined): SnapshotMetric => ({
  name,
  help,
  type,
  labels: SHARD_LABELS,
  samples: ({ shards }, nodeId) =>
    shards.flatMap((shard) => {
      const found = value(shard)
      return found === undefined
        ? []
        : [{ labels: { node: nodeId, instance: shard.instanceId, model: shard.modelId, rank: String(shard.rank) }, value: found }]
    }),
})

const byStatus = (
  name: string,
  help: string,
  select: (snapshot: MetricsSnapshot) => readonly { readonly status: string }[],
): SnapshotMetric => ({
  name,
  help,
  type: 'gauge',
  labels: ['status'],
  samples: (snapshot) => {
    const counts = new Map<string, number>()
    for (const { status } of select(snapshot)) counts.set(status, (counts.get(status) ?? 0) + 1)
    return [...counts].map(([status, value]) => ({ labels: { status }, value }))
  },
})

/** Units follow Prometheus' conventions: seconds and bytes. */
export const SNAPSHOT_METRICS: readonly SnapshotMetric[] = [
  gauge('exo_inferences_active', 'Requests that are running or waiting', ({ activeInferences }) => activeInferences),
  ofShards('gauge', 'exo_shard_running', 'Sequences in the batch', ({ stats }) => stats?.running),
  ofShards('gauge', 'exo_shard_waiting', 'Sequences waiting for a slot in the batch', ({ stats }) => stats?.waiting),
  ofShards('counter', 'exo_shard_steps_total', 'Prefill chunks and decode steps', ({ stats }) => stats?.steps),
  ofShards(
    'counter',
    'exo_shard_jumped_tokens_total',
    'Tokens that a grammar forced, without a step of their own',
    ({ stats }) => stats?.jumpedTokens,
  ),
  ofShards('gauge', 'exo_shard_resident_bytes', 'Weights in memory', ({ residentBytes }) => residentBytes),
  ofShards('gauge', 'exo_shard_active_bytes', "The engine's memory in use", ({ stats }) => stats?.activeBytes),
  ofShards('gauge', 'exo_shard_peak_bytes', "The engine's peak memory", ({ stats }) => stats?.peakBytes),
  ofShards('gauge', 'exo_shard_kv_bytes', 'KV cache of running sequences', ({ stats }) => stats?.kvBytes),
  ofShards(
    'counter',
    'exo_shard_sent_bytes_total',
    'Bytes sent to the other ranks: hidden states, sums and plans',
    ({ stats }) => stats?.sentBytes,
  ),
  ofShards('gauge', 'exo_shard_prefix_cache_bytes', 'KV cache kept for later requests', ({ stats }) => stats?.prefixCacheBytes),
  ofShards('gauge', 'exo_shard_decode_tokens_per_second', 'Decoding, over the last seconds', ({ stats }) => stats?.decodeTokensPerSecond),
  ofShards('gauge', 'exo_shard_prefill_tokens_per_second', 'Prefill, over the last seconds', ({ stats }) => stats?.prefillTokensPerSecond),
  ofShards(
    'counter',
    'exo_shard_step_primitives_total',
    'Operations of the evaluated graphs; all step counters are present only with EXO_STEP_COUNTERS=1',
    ({ stats }) => stats?.counts?.primitives,
  ),
  ofShards('counter', 'exo_shard_step_evaluations_total', 'Evaluated graphs', ({ stats }) => stats?.counts?.evaluations),
  ofShards(
    'counter',
    'exo_shard_step_hand_offs_total',
    'Arrays passed between GPU work and CPU work',
    ({ stats }) => stats?.counts?.handOffs,
  ),
  ofShards(
    'counter',
    'exo_shard_step_mixed_receives_total',
    'Graphs that waited for another rank in the middle of their own work',
    ({ stats }) => stats?.counts?.mixedReceives,
  ),
  ofShards(
    'counter',
    'exo_shard_step_kv_regrowths_total',
    'Layer caches that were copied into a larger one',
    ({ stats }) => stats?.counts?.kvRegrowths,
  ),
  ofShards(
    'counter',
    'exo_shard_step_host_seconds_total',
    'Processor time for building and launching graphs',
    ({ stats }) => stats?.counts && stats.counts.hostMs / 1000,
  ),
  ofShards(
    'gauge',
    'exo_shard_step_cache_bytes',
    'Peak memory that MLX kept for later allocations',
    ({ stats }) => stats?.counts?.cacheBytes,
  ),
  byStatus('exo_instances', 'Placed models of the cluster', ({ instances }) => instances),
  byStatus('exo_peers', 'Other nodes nearby', ({ peers }) => peers),
  {
    name: 'exo_link_round_trip_seconds',
    help: 'Round trip of a message to a peer',
    type: 'gauge',
    labels: ['peer', 'kind'],
    samples: ({ links }) =>
      links.flatMap(({ to, kind, roundTripMs }) =>
        roundTripMs === null ? [] : [{ labels: { peer: to, kind }, value: roundTripMs / 1000 }],
      ),
  },
  {
    name: 'exo_link_bytes_total',
    help: 'Bytes to and from peers',
    type: 'counter',
    labels: ['peer', 'kind', 'direction'],
    samples: ({ links }) =>
      links.flatMap(({ to, kind, sentBytes, receivedBytes }) =>
        (
          [
            ['sent', sentBytes],
            ['received', receivedBytes],
          ] as const
        ).flatMap(([direction, value]) => (value === null ? [] : [{ labels: { peer: to, kind, direction }, value }])),
      ),
  },
  gauge('exo_leader_term', 'Term of the leader that this node follows', ({ leader }) => leader?.term ?? null),
  gauge('exo_is_leader', '1 on the leader', ({ leader }) => (leader?.isThisNode ? 1 : 0)),
  gauge('exo_downloads_active', 'Running or waiting downloads of models to this node', ({ downloads }) => downloads.active),
  {
    name: 'exo_downloads_total',
    help: 'Ended downloads',
    type: 'counter',
    labels: ['outcome'],
    samples: ({ downloads }) =>
      (['done', 'failed', 'cancelled'] as const).map((outcome) => ({ labels: { outcome }, value: downloads[outcome] })),
  },
  {
    ...gauge('exo_download_bytes_total', 'Downloaded bytes, from the hub and from peers', ({ downloads }) => downloads.bytes),
    type: 'counter',
  },
  gauge('exo_memory_total_bytes', 'Memory of this node', ({ memory }) => memory.totalBytes),
  gauge('exo_memory_available_bytes', 'Free memory of this node', ({ memory }) => memory.availableBytes),
  gauge('exo_history_is_on', '1 if inferences are recorded', ({ history }) => (history.isOn ? 1 : 0)),
  {
    ...gauge('exo_history_dropped_rows_total', 'Inferences that the history dropped', ({ history }) => history.droppedRows),
    type: 'counter',
  },
  gauge('process_resident_memory_bytes', 'Memory of the node without its workers', ({ process }) => process.residentBytes),
  {
    ...gauge('process_cpu_seconds_total', 'Processor time of the node without its workers', ({ process }) => process.cpuSeconds),
    type: 'counter',
  },
  gauge('process_start_time_seconds', 'Start of the node, in seconds since 1970', ({ process }) => process.startedAtEpochMs / 1000),
]
