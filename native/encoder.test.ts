import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import type { Pooling } from '../main/shared/inference/generation.ts'
import { openTiny, runGeneration } from './__fixtures__/run-generation.ts'
import { tinyEncoders, writeTinyEncoder } from './__fixtures__/tiny-encoders.ts'
import type { Shard } from './index.ts'

interface RecordedPrompt {
  readonly tokens: number[]
  readonly second: number
  readonly first?: number[]
  readonly last?: number[]
  readonly mean?: number[]
  readonly scores?: number[]
}
/** By other programs: see native/parity/embed_encoders.py. */
const recorded = JSON.parse(readFileSync(new URL('__fixtures__/encoder-vectors.json', import.meta.url), 'utf8')) as Readonly<
  Record<string, readonly RecordedPrompt[]>
>

async function encode(shard: Shard, promptTokenIds: number[], pooling: Pooling, secondTokens = 0): Promise<number[]> {
  const { events, last } = await runGeneration(shard, { promptTokenIds, maxTokens: 0, pooling, secondTokens })
  expect(last).toMatchObject({ type: 'generation-end', finishReason: 'length' })
  return events.flatMap((event) => (event.type === 'embedding' ? event.vector : []))
}

const cosine = (left: readonly number[], right: readonly number[]): number =>
  left.reduce((sum, value, index) => sum + value * (right[index] ?? 0), 0) / (Math.hypot(...left) * Math.hypot(...right))

describe.each(Object.keys(tinyEncoders))('%s', (name) => {
  const model = writeTinyEncoder(name)
  const opened = openTiny(model, { contextTokens: 64, maxWaiting: 128 })
  afterAll(async () => {
    await (await opened).close()
    model.remove()
  })

  it('makes the vectors and scores that other programs make', async () => {
    const shard = await opened
    for (const { tokens, second, scores, ...poolings } of recorded[name] ?? []) {
      for (const [pooling, vector] of Object.entries(poolings))
        expect(cosine(await encode(shard, tokens, pooling as Pooling, second), vector)).toBeGreaterThan(0.99999)
      const own = scores ? await encode(shard, tokens, 'scores', second) : []
      for (const [index, score] of (scores ?? []).entries()) expect(own[index]).toBeCloseTo(score, 4)
    }
    expect(recorded[name]).toHaveLength(3)
  })

  it('makes them the same in the company of shorter and longer texts', async () => {
    const shard = await opened
    const pooling = tinyEncoders[name]?.config['architectures']?.toString().includes('Classification') ? 'scores' : 'mean'
    const texts = Array.from({ length: 24 }, (_, index) =>
      Array.from({ length: 1 + ((index * 7) % 40) }, (_, at) => 3 + ((at * 11 + index) % 100)),
    )
    const alone: number[][] = []
    for (const text of texts) alone.push(await encode(shard, text, pooling))
    const stepsBefore = shard.stats().steps
    const together = await Promise.all(texts.map((text) => encode(shard, text, pooling)))
    for (const [index, vector] of together.entries())
      for (const [at, value] of vector.entries()) expect(value).toBeCloseTo(alone[index]?.[at] ?? Number.NaN, 4)
    expect(shard.stats().steps - stepsBefore).toBeLessThan(texts.length)
  })
})

describe('an encoder', () => {
  const model = writeTinyEncoder('bert')
  const opened = openTiny(model, { contextTokens: 40, maxBatch: 1, maxWaiting: 2 })
  afterAll(async () => {
    await (await opened).close()
    model.remove()
  })
  const fault = async (input: Parameters<typeof runGeneration>[1]) => {
    const { last } = await runGeneration(await opened, input)
    return last.type === 'generation-error' ? [last.code, last.message] : [last.type, '']
  }

  it('refuses to generate, to score, too long a text, and tokens that it does not know', async () => {
    expect(await fault({ promptTokenIds: [3], maxTokens: 1 })).toEqual(['model-unsupported', expect.stringContaining('no text')])
    expect(await fault({ promptTokenIds: [3], maxTokens: 0, pooling: 'scores' })).toEqual([
      'model-unsupported',
      expect.stringContaining('no scores'),
    ])
    expect(await fault({ promptTokenIds: [120], maxTokens: 0, pooling: 'mean' })).toEqual(['invalid-token', expect.stringContaining('120')])
    expect(await fault({ promptTokenIds: Array(41).fill(3), maxTokens: 0, pooling: 'mean' })).toEqual([
      'context-exceeded',
      expect.stringMatching(/41 tokens.*at most 40/),
    ])
  })

  it('refuses more texts than may wait, and one that is cancelled makes no vector', async () => {
    const shard = await opened
    const runs = Array.from({ length: 12 }, (_, index) =>
      runGeneration(shard, { id: `many-${index}`, promptTokenIds: Array(40).fill(5), maxTokens: 0, pooling: 'mean' }),
    )
    shard.cancel('many-1' as never)
    const ends = (await Promise.all(runs)).map(({ last }) => (last.type === 'generation-error' ? last.code : last.type))
    expect(new Set(ends)).toEqual(new Set(['generation-end', 'engine-busy']))
    expect(await encode(shard, [3, 4], 'mean')).toHaveLength(48)
  })
})
