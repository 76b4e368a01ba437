import { describe, expect, it } from 'vitest'
import { AppError } from '../shared/app-error.ts'
import { parseBenchmarkConfig } from './parse-benchmark-config.ts'
import type { BenchmarkTarget, BenchmarkPlacement } from './benchmark-target.ts'
import { type BenchmarkProgress, runBenchmark } from './run-benchmark.ts'

interface Call {
  readonly path: string
  readonly body: Record<string, any>
}

/** A server with a simulated clock: 1 ms per prompt token, 10 ms per token. */
function simulate(vocabSize: number | null, refuse: (call: Call) => AppError | null = () => null) {
  let nowMs = 0
  const calls: Call[] = []
  const placements: BenchmarkPlacement[] = []
  const released: string[] = []
  const target: BenchmarkTarget = {
    url: 'http://simulated',
    prepare: async (placement) => {
      placements.push(placement)
      return { vocabSize, release: async () => void released.push(placement.model) }
    },
    usage: async () => ({ peakMemoryBytes: { here: 7 }, linkBytes: calls.length * 100 }),
    async *stream(path, body) {
      const call = { path, body: body as Record<string, any> }
      calls.push(call)
      const refusal = refuse(call)
      if (refusal) throw refusal
      const { prompt, messages, max_tokens: maxTokens } = call.body
      // Two tokens per word, as with a small vocabulary.
      const promptTokens = Array.isArray(prompt) ? prompt.length : 2 * String(prompt ?? messages[0].content).split(' ').length
      nowMs += promptTokens
      for (let token = 0; token < maxTokens; token++) {
        nowMs += 10
        yield { choices: [messages ? { delta: { content: 'x' } } : { text: 'x' }] }
      }
      yield { choices: [], usage: { prompt_tokens: promptTokens, completion_tokens: maxTokens } }
    },
  }
  const clock = { now: () => nowMs, epochMs: () => 0, sleep: () => new Promise<void>(() => undefined), every: () => undefined }
  const progress: BenchmarkProgress[] = []
  const run = (yaml: string, signal = new AbortController().signal) =>
    runBenchmark(
      parseBenchmarkConfig(yaml, 'b.yaml'),
      { target, clock, onProgress: (step) => progress.push(step), onRow: () => undefined },
      signal,
    )
  return { run, calls, placements, released, progress }
}

describe('runBenchmark', () => {
  it('measures every case after warming up, with prompts that share no beginning', async () => {
    const { run, calls, progress } = simulate(1_000)
    const { rows } = await run('prompt_tokens: [20, 40]\noutput_tokens: 5\nrepeats: 2\nwarmup: 1')
    expect(rows[0]).toMatchObject({
      promptTokens: 20,
      outputTokens: 5,
      requests: 2,
      failed: 0,
      prefillTokensPerSecond: 20_000 / 30,
      decodeTokensPerSecond: 100,
      totalTokensPerSecond: 5_000 / 70,
      ttftMs: { p50: 30, p95: 30, p99: 30 },
      interTokenMs: { p50: 10, p95: 10, p99: 10 },
      peakMemoryBytes: { here: 7 },
      linkBytes: 200,
      error: null,
    })
    expect(rows).toHaveLength(2)
    expect(calls).toHaveLength(2 * (1 + 1 + 2))
    expect(new Set(calls.map(({ body }) => JSON.stringify(body['prompt'].slice(0, 3)))).size).toBe(calls.length)
    expect(calls.flatMap(({ body }) => body['prompt'] as number[]).every((id) => id >= 3 && id < 1_000)).toBe(true)
    expect(calls[1]).toMatchObject({
      path: '/v1/completions',
      body: { model: 'default', max_tokens: 5, temperature: 0, stream: true, ignore_eos: true, return_token_ids: true },
    })
    expect(progress.slice(0, 4).map(({ caseNumber, round }) => [caseNumber, round?.isWarmup, round?.number])).toEqual([
      [1, undefined, undefined],
      [1, true, 1],
      [1, false, 1],
      [1, false, 2],
    ])
  })

  it('gives a server without token prompts as many words as make the tokens, and does without what it refuses', async () => {
    const refuse = ({ body }: Call): AppError | null =>
      'ignore_eos' in body ? new AppError('request-failed', 'unknown field', { status: 400 }) : null
    const { run, calls } = simulate(null, refuse)
    const { rows } = await run('prompt_tokens: 100\noutput_tokens: 2\nrepeats: 1\nwarmup: 0\nendpoint: chat')
    expect(rows[0]).toMatchObject({ promptTokens: 100, failed: 0, error: null })
    expect(calls.at(-1)?.path).toBe('/v1/chat/completions')
    expect(calls.at(-1)?.body['messages'][0].content.split(' ')).toHaveLength(50)
  })

  it('goes on after a case that fails, and tells why', async () => {
    const { run, released, placements } = simulate(100, ({ body }) =>
      body['model'] === 'bad' ? new AppError('model-not-found', 'There is no such model.', { status: 404 }) : null,
    )
    const { rows } = await run('models: [bad, good]\nstrategies: [pipeline, tensor]\nrepeats: 1')
    expect(rows.map(({ model, strategy, error, decodeTokensPerSecond }) => [model, strategy, error, decodeTokensPerSecond])).toEqual([
      ['bad', 'pipeline', 'There is no such model.', null],
      ['bad', 'tensor', 'There is no such model.', null],
      ['good', 'pipeline', null, 100],
      ['good', 'tensor', null, 100],
    ])
    expect(placements).toHaveLength(4)
    expect(released).toEqual(['bad', 'bad', 'good', 'good'])
  })

  it('counts failures among answers', async () => {
    let requests = 0
    const { run } = simulate(100, () => (++requests % 2 === 0 ? new AppError('engine-busy', 'Too many requests.', { status: 429 }) : null))
    expect((await run('concurrency: 4\nwarmup: 0\nrepeats: 2')).rows[0]).toMatchObject({
      requests: 8,
      failed: 4,
      error: 'Too many requests.',
      decodeTokensPerSecond: expect.any(Number),
    })
  })

  it('ends at once when it is interrupted, and takes back what it placed', async () => {
    const stop = new AbortController()
    const { run, released } = simulate(100, () => {
      stop.abort(new Error('Interrupted.'))
      return new AppError('cancelled', 'cancelled')
    })
    await expect(run('strategies: pipeline', stop.signal)).rejects.toThrow('Interrupted.')
    expect(released).toEqual(['default'])
  })
})
