import { describe, expect, it } from 'vitest'
import { createMetrics } from './create-metrics.ts'
import type { InferenceCount } from './metrics.ts'
import type { MetricsSnapshot } from './metrics-snapshot.ts'

const stats = {
  steps: 12,
  jumpedTokens: 7,
  running: 2,
  waiting: 3,
  activeBytes: 100,
  peakBytes: 200,
  kvBytes: 50,
  prefixCacheBytes: 10,
  sentBytes: 0,
  decodeTokensPerSecond: 80,
  prefillTokensPerSecond: 900,
}
const snapshot: MetricsSnapshot = {
  activeInferences: 5,
  shards: [
    { instanceId: 'i1', modelId: 'org/m', rank: 0, residentBytes: 1_000, stats },
    { instanceId: 'i2', modelId: 'org/n', rank: 1, residentBytes: 2_000, stats: null },
  ],
  instances: [{ status: 'ready' }, { status: 'ready' }, { status: 'loading' }],
  peers: [{ status: 'linked' }],
  links: [
    { to: 'node-b', kind: 'tcp', roundTripMs: 1.5, sentBytes: 10, receivedBytes: 20 },
    { to: 'node-c', kind: 'rdma', roundTripMs: null, sentBytes: null, receivedBytes: null },
  ],
  leader: { term: 7, isThisNode: true },
  downloads: { active: 1, done: 1, failed: 1, cancelled: 0, bytes: 1_010 },
  memory: { totalBytes: 64e9, availableBytes: 32e9 },
  history: { isOn: true, droppedRows: 4 },
  process: { residentBytes: 1e8, cpuSeconds: 3.5, startedAtEpochMs: 1_000 },
}
const inference = (overrides: Partial<InferenceCount> = {}): InferenceCount => ({
  modelId: 'org/m',
  finishReasons: ['stop'],
  errorCode: null,
  usage: { promptTokens: 100, completionTokens: 20, cachedTokens: 60 },
  timings: { ttftMs: 40, queueMs: 2, prefillTokensPerSecond: 1_000, decodeTokensPerSecond: 50, totalMs: 440 },
  resumes: 0,
  ...overrides,
})

function set(overrides: Partial<MetricsSnapshot> = {}) {
  const state = { snapshot: { ...snapshot, ...overrides } }
  const metrics = createMetrics({ nodeId: 'node-a', version: '1.2.3', snapshot: () => state.snapshot })
  const linesOf = async (name: string): Promise<string[]> =>
    (await metrics.render()).split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
  return { metrics, linesOf, state }
}

describe('metrics', () => {
  it('count inferences by model and end, with their tokens and times', async () => {
    const { metrics, linesOf } = set()
    metrics.countInference(inference())
    metrics.countInference(inference({ resumes: 2 }))
    metrics.countInference(
      inference({ finishReasons: null, errorCode: 'engine-busy', usage: { promptTokens: 0, completionTokens: 0, cachedTokens: 0 } }),
    )
    metrics.countInference(inference({ modelId: null, finishReasons: null, errorCode: 'model-not-found' }))
    expect(await linesOf('exo_inferences_total')).toEqual([
      'exo_inferences_total{model="org/m",status="stop"} 2',
      'exo_inferences_total{model="org/m",status="engine-busy"} 1',
      'exo_inferences_total{model="unknown",status="model-not-found"} 1',
    ])
    expect(await linesOf('exo_prompt_tokens_total')).toEqual(['exo_prompt_tokens_total{model="org/m"} 200'])
    expect(await linesOf('exo_cached_tokens_total')).toEqual(['exo_cached_tokens_total{model="org/m"} 120'])
    expect(await linesOf('exo_completion_tokens_total')).toEqual(['exo_completion_tokens_total{model="org/m"} 40'])
    expect(await linesOf('exo_resumes_total')).toEqual(['exo_resumes_total{model="org/m"} 2'])
    expect(await linesOf('exo_ttft_seconds_bucket')).toContain('exo_ttft_seconds_bucket{le="0.05",model="org/m"} 2')
    expect(await linesOf('exo_ttft_seconds_bucket')).toContain('exo_ttft_seconds_bucket{le="0.025",model="org/m"} 0')
    expect(await linesOf('exo_ttft_seconds_sum')).toEqual(['exo_ttft_seconds_sum{model="org/m"} 0.08'])
    expect(await linesOf('exo_token_seconds_bucket')).toContain('exo_token_seconds_bucket{le="0.02",model="org/m"} 2')
  })

  it('F8: count no prompt that was given up before it was read', async () => {
    const { metrics, linesOf } = set()
    const unread = { promptTokens: 545, completionTokens: 0, cachedTokens: 0 }
    metrics.countInference(inference({ finishReasons: ['cancelled', 'cancelled'], usage: unread }))
    metrics.countInference(inference({ finishReasons: null, errorCode: 'instance-failed', usage: unread }))
    expect(await linesOf('exo_prompt_tokens_total')).toEqual([])
    metrics.countInference(inference({ finishReasons: ['cancelled'], usage: { promptTokens: 100, completionTokens: 3, cachedTokens: 0 } }))
    metrics.countInference(inference({ finishReasons: ['length'], usage: { promptTokens: 10, completionTokens: 0, cachedTokens: 0 } }))
    expect(await linesOf('exo_prompt_tokens_total')).toEqual(['exo_prompt_tokens_total{model="org/m"} 110'])
  })

  it('count what happens to the cluster', async () => {
    const { metrics, linesOf } = set()
    metrics.countLeaderChange()
    metrics.countFailover('org/m')
    metrics.countRefusedRequest(429)
    expect(
      (
        await Promise.all(
          [
            'exo_leader_changes_total',
            'exo_failovers_total',
            'exo_downloads_total',
            'exo_download_bytes_total',
            'exo_refused_requests_total',
          ].map(linesOf),
        )
      ).flat(),
    ).toEqual([
      'exo_leader_changes_total 1',
      'exo_failovers_total{model="org/m"} 1',
      'exo_downloads_total{outcome="done"} 1',
      'exo_downloads_total{outcome="failed"} 1',
      'exo_downloads_total{outcome="cancelled"} 0',
      'exo_download_bytes_total 1010',
      'exo_refused_requests_total{status="429"} 1',
    ])
  })

  it('show the node as it is now, and forget what is gone', async () => {
    const { linesOf, state, metrics } = set()
    const labels = '{node="node-a",instance="i1",model="org/m",rank="0"}'
    expect(await linesOf('exo_shard_peak_bytes')).toEqual([`exo_shard_peak_bytes${labels} 200`])
    expect(await linesOf('exo_shard_waiting')).toEqual([`exo_shard_waiting${labels} 3`])
    expect(await linesOf('exo_shard_jumped_tokens_total')).toEqual([`exo_shard_jumped_tokens_total${labels} 7`])
    expect(await linesOf('exo_shard_resident_bytes')).toHaveLength(2)
    expect(await linesOf('exo_instances')).toEqual(['exo_instances{status="ready"} 2', 'exo_instances{status="loading"} 1'])
    expect(await linesOf('exo_link_round_trip_seconds')).toEqual(['exo_link_round_trip_seconds{peer="node-b",kind="tcp"} 0.0015'])
    expect(await linesOf('exo_link_bytes_total')).toEqual([
      'exo_link_bytes_total{peer="node-b",kind="tcp",direction="sent"} 10',
      'exo_link_bytes_total{peer="node-b",kind="tcp",direction="received"} 20',
    ])
    expect(
      (
        await Promise.all(
          [
            'exo_leader_term',
            'exo_is_leader',
            'exo_history_dropped_rows_total',
            'process_cpu_seconds_total',
            'process_start_time_seconds',
          ].map(linesOf),
        )
      ).flat(),
    ).toEqual([
      'exo_leader_term 7',
      'exo_is_leader 1',
      'exo_history_dropped_rows_total 4',
      'process_cpu_seconds_total 3.5',
      'process_start_time_seconds 1',
    ])
    state.snapshot = { ...snapshot, shards: [], leader: null }
    expect([await linesOf('exo_shard_peak_bytes'), await linesOf('exo_leader_term'), await linesOf('exo_is_leader')]).toEqual([
      [],
      [],
      ['exo_is_leader 0'],
    ])
    expect(metrics.contentType).toContain('version=0.0.4')
  })

  it('name each metric once, with its type and help, in the format that Prometheus reads', async () => {
    const { metrics } = set({ shards: [{ ...snapshot.shards[0]!, modelId: '/a "folder"\\with\nlines' }] })
    metrics.countInference(inference())
    const text = await metrics.render()
    const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name!, type!] as const)
    expect(new Set(types.map(([name]) => name)).size).toBe(types.length)
    expect(types.filter(([name, type]) => name.endsWith('_total') !== (type === 'counter'))).toEqual([])
    for (const line of text.split('\n'))
      expect(line).toMatch(/^$|^# (HELP|TYPE) \S+ .+$|^[a-zA-Z_][\w]*(\{([a-z_]+="([^"\\\n]|\\["\\n])*",?)*\})? [-+\d.einfNa]+$/i)
    expect(text).toContain('model="/a \\"folder\\"\\\\with\\nlines"')
  })
})
