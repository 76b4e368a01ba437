import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Collector, startCollector } from './harness/start-collector.ts'
import { get, post } from './node/call-api.ts'
import { defaultModel } from './node/default-model.ts'
import { reportFigure } from './node/report-figure.ts'
import { runExo } from './node/run-exo.ts'
import { type RunningExo, startExo } from './node/start-exo.ts'

const REQUEST_ID = 'the-request-of-this-test'

interface ChromeEvent {
  readonly name: string
  readonly ph: string
  readonly ts?: number
  readonly dur?: number
}

describe('what a node tells of its work', () => {
  let node: RunningExo
  let collector: Collector
  let model: string
  let answerId: string

  beforeAll(async () => {
    collector = await startCollector()
    node = await startExo({
      arguments: ['--log-format', 'json', '--log-level', 'debug', '--otlp-endpoint', collector.url],
      env: { OTEL_BSP_SCHEDULE_DELAY: '200', OTEL_METRIC_EXPORT_INTERVAL: '500', OTEL_SERVICE_NAME: 'desk' },
    })
    ;({ model } = await defaultModel(node))
    await post(node.apiUrl, '/v1/completions', { model: 'org/none', prompt: 'x' })
    const response = await fetch(`${node.apiUrl}/v1/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-request-id': REQUEST_ID },
      body: JSON.stringify({ model, prompt: 'word '.repeat(600), max_tokens: 20, ignore_eos: true, temperature: 0 }),
    })
    answerId = ((await response.json()) as { id: string }).id
  })
  afterAll(async () => {
    await node?.stop()
    await collector?.close()
  })

  it('figures for Prometheus', async () => {
    const { status, headers, body } = await get(node.apiUrl, '/metrics')
    expect([status, headers.get('content-type')]).toEqual([200, expect.stringContaining('version=0.0.4')])
    const value = (name: string): number =>
      Number(new RegExp(`^${name.replaceAll(/[{}"./[\]]/g, '\\$&')} (\\S+)$`, 'm').exec(body as string)?.[1])
    expect(value(`exo_inferences_total{model="${model}",status="length"}`)).toBe(1)
    expect(value(`exo_completion_tokens_total{model="${model}"}`)).toBe(20)
    expect(value(`exo_ttft_seconds_count{model="${model}"}`)).toBe(1)
    expect(value(`exo_token_seconds_count{model="${model}"}`)).toBe(1)
    expect(value('exo_refused_requests_total{status="404"}')).toBe(1)
    expect(value('exo_is_leader')).toBe(1)
    expect(value('exo_memory_available_bytes')).toBeGreaterThan(0)
    for (const name of [
      'exo_queue_seconds',
      'exo_shard_waiting',
      'exo_shard_active_bytes',
      'exo_link_bytes_total',
      'exo_leader_changes_total',
      'exo_failovers_total',
    ])
      expect(body).toContain(`# TYPE ${name} `)
  })

  it('traces and metrics to a collector of OpenTelemetry', async () => {
    const waitMs = { timeout: 20_000, interval: 100 }
    await expect.poll(() => collector.received('/v1/traces').includes(`"chat ${model}"`), waitMs).toBe(true)
    const traces = collector.received('/v1/traces')
    for (const name of ['queue', 'prefill', 'decode']) expect(traces).toContain(`"name":"${name}"`)
    expect(traces).toContain('{"key":"gen_ai.usage.output_tokens","value":{"intValue":"20"}}')
    expect(traces).toContain('{"key":"service.name","value":{"stringValue":"desk"}}')
    // The request for a model that does not exist, without its name.
    expect(traces).toContain('"message":"model-not-found"')
    expect(traces).not.toContain('org/none')
    await expect.poll(() => collector.received('/v1/metrics').includes('"exo_completion_tokens_total"'), waitMs).toBe(true)
  })

  it('where the time of a request went, by the id of the answer and by its own', async () => {
    for (const id of [answerId, REQUEST_ID, 'last']) {
      const { status, stdout, stderr } = await runExo(['trace', id, '--json', '--data-dir', node.dataDir])
      expect([status, stderr]).toEqual([0, ''])
      const { traceEvents, otherData } = JSON.parse(stdout) as { traceEvents: ChromeEvent[]; otherData: { durationMs: number } }
      const spans = (name: string): ChromeEvent[] => traceEvents.filter((event) => event.ph === 'X' && event.name === name)
      expect([spans('token').length + spans('first token').length, spans('rank 0 decode').length]).toEqual([20, 19])
      expect(spans('rank 0 prefill').length).toBeGreaterThanOrEqual(2)
      // The engine's spans cover the time in which tokens arrived.
      const decodedMs = spans('rank 0 decode').reduce((sum, { dur = 0 }) => sum + dur / 1000, 0)
      const tokensMs = spans('token').reduce((sum, { dur = 0 }) => sum + dur / 1000, 0)
      reportFigure('of the time between tokens, within steps of the engine', (100 * decodedMs) / tokensMs, '%')
      expect(otherData.durationMs).toBeGreaterThan(tokensMs)
    }
    const { stdout } = await runExo(['trace', 'last', '--data-dir', node.dataDir])
    expect(stdout).toMatch(/rank 0 decode\s+19\s/)
    const missing = await runExo(['trace', 'nobody-asked', '--data-dir', node.dataDir])
    expect([missing.status, missing.stderr.split('\n').length]).toEqual([1, 2])
  })

  it('lines of JSON that name the request', () => {
    const lines = node
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(lines.find(({ message, requestId }) => message === 'request' && requestId === REQUEST_ID)).toMatchObject({
      level: 'debug',
      status: 200,
      route: '/v1/completions',
    })
    expect(lines.find(({ message, requestId }) => message === 'answer begun' && requestId === REQUEST_ID)).toMatchObject({ answerId })
    expect(lines.find(({ message, completionTokens }) => message === 'inference ended' && completionTokens === 20)).toMatchObject({
      modelId: model,
      finishReasons: ['length'],
    })
  })
})
