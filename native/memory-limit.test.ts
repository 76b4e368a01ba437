import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ShardStats } from '../main/shared/shard.ts'
import { openTiny, runGeneration } from './__fixtures__/run-generation.ts'
import { RankGroup } from './__fixtures__/rank-group.ts'
import { makeTinyModel, type TinyModel } from './__fixtures__/tiny-model.ts'

const CONTEXT_TOKENS = 256
/** Each request grows beyond its initial memory, and together they need several times the limit. */
const request = (index: number, promptTokens: number, maxTokens: number) => ({
  id: `limited-${index}`,
  promptTokenIds: Array.from({ length: promptTokens }, (_, at) => (at * 7 + index * 13) % 200),
  maxTokens,
  topLogprobs: 1,
  sampling: { temperature: index % 2 === 0 ? 0 : 0.8, frequencyPenalty: 0.3, seed: String(index) },
})
/** With MLX operations, which are slow on a CPU, fewer requests, which grow in the steps of their caches. */
const requestsFor = (useArrays: boolean) =>
  useArrays
    ? Array.from({ length: 3 }, (_, index) => request(index, 200, 40))
    : Array.from({ length: 8 }, (_, index) => request(index, 20 + index * 9, 150))
type Generates = Pick<Awaited<ReturnType<typeof openTiny>>, 'generate'>
const textsOf = async (shard: Generates, useArrays: boolean): Promise<number[][]> =>
  (await Promise.all(requestsFor(useArrays).map((input) => runGeneration(shard, input)))).map(({ tokenIds }) => tokenIds)

describe('F8: a limit on what sequences keep', { timeout: 180_000 }, () => {
  let model: TinyModel
  beforeAll(() => {
    model = makeTinyModel()
  })
  afterAll(() => model.remove())

  it.each([false, true])('holds however many there are, and changes no token (MLX operations: %s)', async (useArrays) => {
    const free = await openTiny(model, { contextTokens: CONTEXT_TOKENS }, { useArrays })
    const mostFree = watch(free)
    const expected = await textsOf(free, useArrays)
    const freeBytes = mostFree()
    await free.close()
    // One context is always granted, and this limit allows no more than that.
    const limited = await openTiny(model, { contextTokens: CONTEXT_TOKENS, prefixCacheBytes: 1, cacheBytes: 1 }, { useArrays })
    const mostLimited = watch(limited)
    expect(await textsOf(limited, useArrays)).toEqual(expected)
    expect(mostLimited()).toBeLessThan(useArrays ? freeBytes : freeBytes / 2)
    await expect.poll(() => limited.stats().running).toBe(0)
    await limited.close()
  })

  it('holds for the ranks of a group, who agree on it', async () => {
    const settings = { modelDir: model.dir, layers: model.layers, strategy: 'pipeline' as const, ranks: 2, useArrays: false }
    const free = await RankGroup.open({ ...settings, spec: { contextTokens: CONTEXT_TOKENS } })
    const expected = await textsOf(free, false)
    await free.close()
    const limited = await RankGroup.open({ ...settings, spec: { contextTokens: CONTEXT_TOKENS, prefixCacheBytes: 1, cacheBytes: 1 } })
    expect(await textsOf(limited, false)).toEqual(expected)
    await limited.close()
  })
})

describe('G01: sessions that grow turn by turn', { timeout: 180_000 }, () => {
  const TURNS = 8
  const SESSIONS = 4
  let model: TinyModel
  beforeAll(() => {
    model = makeTinyModel()
  })
  afterAll(() => model.remove())

  /** Each turn's prompt extends the previous one by its answer and a tool's result. @returns the cached tokens of each turn */
  const runSession = async (shard: Generates, session: number): Promise<number[]> => {
    let promptTokenIds = Array.from({ length: 64 }, (_, at) => (at * 11 + session * 17) % 200)
    const cached: number[] = []
    for (let turn = 0; turn < TURNS; turn++) {
      const { tokenIds, last } = await runGeneration(shard, { id: `session-${session}-${turn}`, promptTokenIds, maxTokens: 16 })
      if (last.type !== 'generation-end') throw new Error(last.type)
      expect(tokenIds).toHaveLength(16)
      cached.push(last.timings.cachedTokens)
      promptTokenIds = [...promptTokenIds, ...tokenIds, ...Array.from({ length: 32 }, (_, at) => (at * 5 + turn) % 200)]
    }
    return cached
  }
  const longest = 64 + TURNS * (16 + 32)

  it('stay within the limit, where what is only kept gives way to what runs, and every turn is answered', async () => {
    const free = await openTiny(model, { contextTokens: 512, prefixCacheBytes: 1 << 24 })
    await Promise.all(Array.from({ length: SESSIONS }, (_, session) => runSession(free, session)))
    await expect.poll(() => free.stats().running).toBe(0)
    // Nothing was evicted: the cache still has everything that the sessions filled.
    const freeBytes = free.stats().prefixCacheBytes
    await free.close()

    // The cache has room for about half of the sessions.
    const cacheBytes = Math.round(freeBytes / 2)
    const limited = await openTiny(model, { contextTokens: 512, prefixCacheBytes: cacheBytes, cacheBytes })
    const mostLimited = watch(limited)
    await Promise.all(Array.from({ length: SESSIONS }, (_, session) => runSession(limited, session)))
    // Each sequence may have started one page that is not counted.
    expect(mostLimited()).toBeLessThan(freeBytes * 0.75)
    // There is room for one session, whose turns reuse the cache of the previous one.
    const cached = await runSession(limited, SESSIONS)
    expect(cached.slice(1).every((tokens) => tokens > 0)).toBe(true)
    await limited.close()
  })

  it('are refused before anything is allocated once they exceed the context', async () => {
    const shard = await openTiny(model, { contextTokens: longest - 100, prefixCacheBytes: 0 })
    const { events } = await runGeneration(shard, { promptTokenIds: Array.from({ length: longest }, (_, at) => at % 200), maxTokens: 4 })
    expect(events).toMatchObject([{ type: 'generation-error', code: 'context-exceeded' }])
    expect(shard.stats()).toMatchObject({ kvBytes: 0, steps: 0 })
    await shard.close()
  })
})

/** The peak memory of sequences and cached blocks, sampled by the event loop. */
function watch(shard: { stats(): ShardStats }): () => number {
  let most = 0
  const timer = setInterval(() => {
    const { kvBytes, prefixCacheBytes } = shard.stats()
    most = Math.max(most, kvBytes + prefixCacheBytes)
  }, 1)
  return () => {
    clearInterval(timer)
    return most
  }
}
