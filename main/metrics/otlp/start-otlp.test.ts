import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../platform/clock.ts'
import { systemRandom } from '../../platform/random.ts'
import type { PlacedInferenceRecord } from '../../shared/inference/inference-record.ts'
import { createMetrics } from '../create-metrics.ts'
import type { MetricsSnapshot } from '../metrics-snapshot.ts'
import { readOtlpSettings } from './otlp-settings.ts'
import { type Otlp, startOtlp } from './start-otlp.ts'

interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: any
}

const record: PlacedInferenceRecord = {
  requestId: 'chatcmpl-1',
  model: 'tiny',
  modelId: 'org/tiny',
  instanceId: 'instance-1',
  seed: '1',
  finishReasons: ['stop'],
  errorCode: null,
  usage: { promptTokens: 30, completionTokens: 8, cachedTokens: 10 },
  timings: { ttftMs: 300, queueMs: 50, prefillTokensPerSecond: 100, decodeTokensPerSecond: 10, totalMs: 1000 },
  resumes: 0,
  trit: 0,
  devices: 2,
  strategy: 'pipeline',
  backend: 'ring',
}
const SNAPSHOT: MetricsSnapshot = {
  activeInferences: 2,
  shards: [],
  instances: [{ status: 'ready' }],
  peers: [],
  links: [],
  leader: null,
  downloads: { active: 0, done: 3, failed: 0, cancelled: 0, bytes: 7 },
  memory: { totalBytes: 8, availableBytes: 4 },
  history: { isOn: false, droppedRows: 0 },
  process: { residentBytes: 1, cpuSeconds: 2, startedAtEpochMs: 3 },
}

describe('a collector of OpenTelemetry', () => {
  let collector: Server
  let received: Received[]
  /** Statuses of the next answers; then 200. */
  let statuses: number[]
  let warnings: string[]
  const ending = (): AbortController => new AbortController()

  beforeEach(async () => {
    received = []
    statuses = []
    warnings = []
    collector = createServer((request, response) => {
      let text = ''
      request.setEncoding('utf8').on('data', (part: string) => (text += part))
      request.on('end', () => {
        received.push({ path: request.url ?? '', headers: request.headers, body: JSON.parse(text) })
        response.writeHead(statuses.shift() ?? 200, { 'retry-after': '0.01' }).end('{}')
      })
    })
    await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve))
  })
  afterEach(() => new Promise((resolve) => collector.close(resolve)))

  function start(environment: Record<string, string> = {}, url = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`): Otlp {
    const settings = readOtlpSettings({ OTEL_EXPORTER_OTLP_HEADERS: 'x-key=1', ...environment }, url)
    const metrics = createMetrics({ nodeId: 'n1', version: '1.0.0', snapshot: () => SNAPSHOT })
    metrics.countInference(record)
    return startOtlp(
      settings!,
      {
        post: fetch,
        clock: systemClock,
        random: systemRandom,
        log: { warn: (message) => void warnings.push(message) },
        nodeId: 'n1',
        nodeName: 'studio',
        version: '1.0.0',
        startedAtEpochMs: 1_000,
        collect: () => metrics.collect(),
      },
      ending().signal,
    )
  }
  const sent = (path: string): Received[] => received.filter((message) => message.path === path)
  const spansOf = (message: Received | undefined): any[] => message?.body.resourceSpans[0].scopeSpans[0].spans ?? []

  it('receives each request as a span with its queue, prefill and decode', async () => {
    const otlp = start({ OTEL_METRICS_EXPORTER: 'none' })
    otlp.noteInference(record)
    await otlp.flush(5_000)
    const [message] = sent('/v1/traces')
    expect(message?.headers).toMatchObject({ 'content-type': 'application/json', 'x-key': '1' })
    const resource = Object.fromEntries(
      message?.body.resourceSpans[0].resource.attributes.map(({ key, value }: any) => [key, value.stringValue]),
    )
    expect(resource).toEqual({ 'service.name': 'exo', 'service.version': '1.0.0', 'service.instance.id': 'n1', 'host.name': 'studio' })
    const [root, ...children] = spansOf(message)
    expect(root.traceId).toMatch(/^[0-9a-f]{32}$/)
    expect(children.every((span) => span.parentSpanId === root.spanId && span.traceId === root.traceId)).toBe(true)
    const times = ({ startTimeUnixNano, endTimeUnixNano }: any): number[] =>
      [startTimeUnixNano, endTimeUnixNano].map((nanos: string) =>
        Math.round(Number((BigInt(nanos) - BigInt(root.startTimeUnixNano)) / 1_000_000n)),
      )
    expect([root, ...children].map((span) => [span.name, ...times(span)])).toEqual([
      ['chat org/tiny', 0, 1000],
      ['queue', 0, 50],
      ['prefill', 100, 300],
      ['decode', 300, 1000],
    ])
    expect(root.attributes).toContainEqual({ key: 'gen_ai.usage.output_tokens', value: { intValue: '8' } })
    expect(root.attributes).toContainEqual({
      key: 'gen_ai.response.finish_reasons',
      value: { arrayValue: { values: [{ stringValue: 'stop' }] } },
    })
  })

  it('receives a failed request, without the name that the client made up', async () => {
    const otlp = start({ OTEL_METRICS_EXPORTER: 'none' })
    const noUsage = { promptTokens: 0, completionTokens: 0, cachedTokens: 0 }
    otlp.noteInference({ ...record, model: 'secret', modelId: null, finishReasons: null, errorCode: 'model-not-found', usage: noUsage })
    await otlp.flush(5_000)
    const [root, ...children] = spansOf(sent('/v1/traces')[0])
    expect(root.status).toEqual({ code: 2, message: 'model-not-found' })
    expect(children.map(({ name }) => name)).toEqual(['queue'])
    expect(JSON.stringify(received)).not.toContain('secret')
  })

  it('receives the metrics of Prometheus with their names, kinds and buckets', async () => {
    const otlp = start({ OTEL_TRACES_EXPORTER: 'none' })
    await otlp.flush(5_000)
    const metrics: any[] = sent('/v1/metrics')[0]?.body.resourceMetrics[0].scopeMetrics[0].metrics
    const named = (name: string): any => metrics.find((metric) => metric.name === name)
    expect(named('exo_inferences_active').gauge.dataPoints).toMatchObject([{ asDouble: 2 }])
    expect(named('exo_completion_tokens_total').sum).toMatchObject({
      aggregationTemporality: 2,
      isMonotonic: true,
      dataPoints: [{ asDouble: 8, startTimeUnixNano: '1000000000', attributes: [{ key: 'model', value: { stringValue: 'org/tiny' } }] }],
    })
    // A counter that is read, not counted.
    expect(named('exo_downloads_total').sum.dataPoints[0]).toMatchObject({ asDouble: 3 })
    const [point] = named('exo_ttft_seconds').histogram.dataPoints
    expect(point.explicitBounds).toHaveLength(point.bucketCounts.length - 1)
    expect(point).toMatchObject({ count: '1', sum: 0.3 })
    const bucket = point.bucketCounts.indexOf('1')
    expect([point.explicitBounds[bucket - 1], point.explicitBounds[bucket]]).toEqual([0.25, 0.5])
    expect(named('exo_shard_running')).toBeUndefined()
  })

  it('that is busy is asked again; one that refuses is not, which is reported once', async () => {
    statuses = [503, 429]
    const otlp = start({ OTEL_METRICS_EXPORTER: 'none' })
    otlp.noteInference(record)
    await otlp.flush(5_000)
    expect(sent('/v1/traces')).toHaveLength(3)
    expect(warnings).toEqual([])
    for (const status of [400, 401]) {
      statuses = [status]
      otlp.noteInference(record)
      await otlp.flush(5_000)
    }
    expect(sent('/v1/traces')).toHaveLength(5)
    expect(warnings).toHaveLength(1)
  })

  it('that is away delays nothing longer than the limit', async () => {
    const otlp = start({}, 'http://127.0.0.1:9')
    otlp.noteInference(record)
    await otlp.flush(100)
    expect(warnings.length).toBeGreaterThan(0)
  })

  it('receives the sampled share of the requests', async () => {
    const otlp = start({ OTEL_METRICS_EXPORTER: 'none', OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25' })
    for (let request = 0; request < 400; request++) otlp.noteInference(record)
    await otlp.flush(5_000)
    const traces = new Set(sent('/v1/traces').flatMap((message) => spansOf(message).map(({ traceId }) => traceId)))
    expect(traces.size).toBeGreaterThan(50)
    expect(traces.size).toBeLessThan(160)
  })
})
