import { Counter, Gauge, Histogram, type OpenMetricsContentType, type PrometheusContentType, Registry } from 'prom-client'
import type { InferenceCount, Metrics } from './metrics.ts'
import type { CollectedMetric } from './otlp/otlp-metrics.ts'
import type { MetricsSnapshot } from './metrics-snapshot.ts'
import { SNAPSHOT_METRICS } from './snapshot-gauges.ts'

const WAIT_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]
const TOKEN_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5]
const TOKENS_PER_SECOND = [10, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 50_000]

export interface MetricsOptions {
  readonly nodeId: string
  readonly version: string
  /** Called for every `render`. */
  readonly snapshot: () => MetricsSnapshot
}

export function createMetrics({ nodeId, version, snapshot }: MetricsOptions): Metrics {
  const registry = new Registry()
  const registers: Registry<PrometheusContentType | OpenMetricsContentType>[] = [registry]
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[]): Counter<Label> =>
    new Counter({ name, help, labelNames: [...labelNames], registers })
  const histogram = (name: string, help: string, buckets: number[]): Histogram<'model'> =>
    new Histogram({ name, help, buckets, labelNames: ['model'], registers })

  const inferences = counter('exo_inferences_total', 'Ended inferences, by outcome', ['model', 'status'])
  const promptTokens = counter('exo_prompt_tokens_total', 'Prompt tokens, including those from the prefix cache', ['model'])
  const cachedTokens = counter('exo_cached_tokens_total', 'Prompt tokens taken from the prefix cache', ['model'])
  const completionTokens = counter('exo_completion_tokens_total', 'Generated tokens', ['model'])
  const resumes = counter('exo_resumes_total', 'Answers resumed after a failure', ['model'])
  const ttft = histogram('exo_ttft_seconds', 'Time from request to first token', WAIT_SECONDS)
  const queue = histogram('exo_queue_seconds', 'Time waiting for a slot in the batch', WAIT_SECONDS)
  const duration = histogram('exo_inference_seconds', 'Time from request to last token', WAIT_SECONDS)
  const token = histogram('exo_token_seconds', 'Mean time between tokens of an answer', TOKEN_SECONDS)
  const prefill = histogram('exo_prefill_tokens_per_second', 'Prompt tokens evaluated per second', TOKENS_PER_SECOND)
  const leaderChanges = counter('exo_leader_changes_total', 'Changes of the leader, as seen by this node', [])
  const failovers = counter('exo_failovers_total', 'Instances that lost a node and were placed again', ['model'])
  const refused = counter('exo_refused_requests_total', 'Requests that the API answered with an error', ['status'])
  new Gauge({ name: 'exo_build_info', help: 'Always 1', labelNames: ['version', 'node'], registers }).set({ version, node: nodeId }, 1)

  const gauges = SNAPSHOT_METRICS.map(({ name, help, type, labels, samples }) => {
    const metric = new Gauge({ name, help, labelNames: [...labels], registers })
    return {
      name,
      type,
      update: (now: MetricsSnapshot) => {
        metric.reset()
        // Without labels, a reset metric is 0, but an unknown value must be absent.
        if (labels.length === 0) metric.remove()
        for (const sample of samples(now, nodeId)) metric.set(sample.labels, sample.value)
      },
    }
  })
  // The library's counters can only be incremented. A counter that is read from the snapshot is a gauge in the library
  // and is renamed in the output.
  const readCounters = new Set(gauges.filter(({ type }) => type === 'counter').map(({ name }) => `# TYPE ${name} gauge`))
  const updateGauges = (): void => {
    const now = snapshot()
    for (const { update } of gauges) update(now)
  }

  return {
    contentType: registry.contentType,
    countInference({ modelId, finishReasons, errorCode, usage, timings, resumes: resumeCount }: InferenceCount) {
      const model = modelId ?? 'unknown'
      inferences.inc({ model, status: errorCode ?? finishReasons?.[0] ?? 'unknown' })
      if (modelId === null) return
      // A client that disconnects while waiting leaves a prompt that was never processed.
      const wasRead = usage.completionTokens > 0 || (finishReasons?.some((reason) => reason !== 'cancelled') ?? false)
      if (wasRead) promptTokens.inc({ model }, usage.promptTokens)
      if (wasRead) cachedTokens.inc({ model }, usage.cachedTokens)
      completionTokens.inc({ model }, usage.completionTokens)
      resumes.inc({ model }, resumeCount)
      if (usage.completionTokens === 0) return
      ttft.observe({ model }, timings.ttftMs / 1000)
      queue.observe({ model }, timings.queueMs / 1000)
      duration.observe({ model }, timings.totalMs / 1000)
      if (timings.decodeTokensPerSecond > 0) token.observe({ model }, 1 / timings.decodeTokensPerSecond)
      if (timings.prefillTokensPerSecond > 0) prefill.observe({ model }, timings.prefillTokensPerSecond)
    },
    countLeaderChange: () => leaderChanges.inc(),
    countFailover: (model) => failovers.inc({ model }),
    countRefusedRequest: (status) => refused.inc({ status: String(status) }),
    async collect() {
      updateGauges()
      const collected = (await registry.getMetricsAsJSON()) as unknown as CollectedMetric[]
      const isCounter = (name: string): boolean => gauges.some((gauge) => gauge.name === name && gauge.type === 'counter')
      return collected.map((metric) => (isCounter(metric.name) ? { ...metric, type: 'counter' } : metric))
    },
    async render() {
      updateGauges()
      const text = await registry.metrics()
      return text.replaceAll(/^# TYPE \S+ gauge$/gm, (line) => (readCounters.has(line) ? line.replace(/gauge$/, 'counter') : line))
    },
  }
}
