import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GenerationEvent } from '../main/shared/inference/generation.ts'
import type { GenerationId } from '../main/shared/ids.ts'
import { RankGroup } from './__fixtures__/rank-group.ts'
import { openTiny, runGeneration, type GenerationRun } from './__fixtures__/run-generation.ts'
import { makeTinyModel, type TinyModel } from './__fixtures__/tiny-model.ts'
import type { Shard } from './index.ts'

const CACHE_BYTES = 64 << 20
const ANSWER_TOKENS = 24

let model: TinyModel
beforeAll(() => {
  model = makeTinyModel()
})
afterAll(() => model.remove())

const prompt = (length: number, salt = 0) => Array.from({ length }, (_, index) => (index * 31 + salt * 7 + ((index * index) % 13)) % 200)
/** The settings on which the text depends, with or without a cache. */
const request = (seed: number, promptTokenIds: number[], maxTokens = ANSWER_TOKENS) => ({
  promptTokenIds,
  maxTokens,
  topLogprobs: 2,
  sampling: { temperature: seed % 2 === 0 ? 0 : 0.8, seed: String(seed) },
})
/** Conversations about two documents; with MLX operations, which are slow on a CPU, half of them. */
const documents = [prompt(200, 1), prompt(450, 2)]
const inputsFor = (useArrays: boolean) =>
  Array.from({ length: useArrays ? 4 : 8 }, (_, index) =>
    request(index, [...(documents[index % 2] as number[]), ...prompt(1 + index * 9, index)]),
  )

function cachedTokens({ last }: GenerationRun): number {
  return last.type === 'generation-end' ? last.timings.cachedTokens : -1
}
const sampled = (events: readonly GenerationEvent[]) => events.flatMap((event) => (event.type === 'token-delta' ? [event.token] : []))

/** Runs all at once, and then the next turn of each. */
async function runAll(shard: Pick<Shard, 'generate'>, useArrays: boolean): Promise<GenerationRun[]> {
  const inputs = inputsFor(useArrays)
  const first = await Promise.all(inputs.map((input) => runGeneration(shard, input)))
  const nextTurns = first.map(({ tokenIds }, index) =>
    request(index + 20, [...(inputs[index]?.promptTokenIds ?? []), ...tokenIds, ...prompt(20, index)]),
  )
  return [...first, ...(await Promise.all(nextTurns.map((input) => runGeneration(shard, input))))]
}

describe('the prefix cache of one process', () => {
  it.each([false, true])('changes no text, and computes a known beginning once (MLX operations: %s)', async (useArrays) => {
    const settings = { contextTokens: 1024, maxBatch: 4 }
    const plain = await openTiny(model, settings, { useArrays })
    const expected = await runAll(plain, useArrays)
    await plain.close()
    const cached = await openTiny(model, { ...settings, prefixCacheBytes: CACHE_BYTES }, { useArrays })
    const runs = await runAll(cached, useArrays)
    expect(runs.map(({ tokenIds }) => tokenIds)).toEqual(expected.map(({ tokenIds }) => tokenIds))
    // The CPU kernels compute a row with the same bits regardless of the other rows in a batch.
    if (!useArrays) expect(runs.map(({ events }) => sampled(events))).toEqual(expected.map(({ events }) => sampled(events)))
    expect(expected.map(cachedTokens)).toEqual(expected.map(() => 0))
    const inputs = inputsFor(useArrays)
    const found = runs.map(cachedTokens)
    const known = inputs.map((_, index) => (index < 2 ? 0 : Math.floor((documents[index % 2] as number[]).length / 64) * 64))
    const knownThen = inputs.map(({ promptTokenIds }) => Math.floor((promptTokenIds.length + ANSWER_TOKENS - 1) / 64) * 64)
    expect(found).toEqual([...known, ...knownThen])
    await cached.close()
  })

  it('keeps to its limit and gives all else back', async () => {
    const block = await oneBlockBytes()
    const shard = await openTiny(model, { prefixCacheBytes: 5 * block + 10 })
    for (let salt = 0; salt < 4; salt++) await runGeneration(shard, { promptTokenIds: prompt(300, salt), maxTokens: 3 })
    await expect.poll(() => shard.stats()).toMatchObject({ running: 0, kvBytes: 0, prefixCacheBytes: 5 * block })
    expect(cachedTokens(await runGeneration(shard, { promptTokenIds: prompt(300, 3), maxTokens: 3 }))).toBe(256)
    expect(cachedTokens(await runGeneration(shard, { promptTokenIds: prompt(300, 0), maxTokens: 3 }))).toBe(0)
    await shard.close()
  })

  it('serves a generation that is resumed', async () => {
    const shard = await openTiny(model, { prefixCacheBytes: CACHE_BYTES })
    const sampling = { temperature: 0.9, seed: '5', presencePenalty: 0.5 }
    const whole = await runGeneration(shard, { promptTokenIds: prompt(200), maxTokens: 90, sampling })
    const rest = await runGeneration(shard, {
      promptTokenIds: [...prompt(200), ...whole.tokenIds.slice(0, 60)],
      resumedTokens: 60,
      maxTokens: 30,
      sampling,
    })
    expect(rest.tokenIds).toEqual(whole.tokenIds.slice(60))
    expect(cachedTokens(rest)).toBe(256)
    await shard.close()
  })

  it('holds nothing false after requests were cancelled in the middle of their prompts', async () => {
    const shard = await openTiny(model, { contextTokens: 1024, prefillChunkTokens: 50, prefixCacheBytes: CACHE_BYTES })
    const expected = await runGeneration(shard, request(1, prompt(1, 9)))
    for (let done = 1; done < 6; done++) {
      const id = `left-${done}` as GenerationId
      await runGeneration(shard, { id, promptTokenIds: prompt(600, done) }, (event) => {
        if (event.type === 'prefill-progress' && event.doneTokens >= done * 90) shard.cancel(id)
      })
    }
    const alone = await openTiny(model, { contextTokens: 1024 })
    for (let done = 1; done < 6; done++) {
      const input = request(done, [...prompt(600, done), 4])
      const run = await runGeneration(shard, input)
      expect(cachedTokens(run)).toBeGreaterThan(0)
      expect(sampled(run.events)).toEqual(sampled((await runGeneration(alone, input)).events))
    }
    expect((await runGeneration(shard, request(1, prompt(1, 9)))).tokenIds).toEqual(expected.tokenIds)
    await Promise.all([shard.close(), alone.close()])
  })

  async function oneBlockBytes(): Promise<number> {
    const shard = await openTiny(model, { prefixCacheBytes: CACHE_BYTES })
    await runGeneration(shard, { promptTokenIds: prompt(100), maxTokens: 1 })
    await expect.poll(() => shard.stats().prefixCacheBytes).toBeGreaterThan(0)
    const { prefixCacheBytes } = shard.stats()
    await shard.close()
    return prefixCacheBytes
  }
})

describe('the prefix cache of several ranks', { timeout: 60_000 }, () => {
  it.each([
    ['pipeline', 2, false],
    ['pipeline', 3, true],
    ['tensor', 2, false],
    ['tensor', 2, true],
  ] as const)('%s over %i: the text of one process without a cache (MLX operations: %s)', async (strategy, ranks, useArrays) => {
    const alone = await openTiny(model, { contextTokens: 1024 }, { useArrays })
    const expected = await runAll(alone, useArrays)
    await alone.close()
    const group = await RankGroup.open({
      modelDir: model.dir,
      layers: model.layers,
      strategy,
      ranks,
      useArrays,
      spec: { prefixCacheBytes: CACHE_BYTES },
    })
    const runs = await runAll(group, useArrays)
    expect(runs.map(({ tokenIds }) => tokenIds)).toEqual(expected.map(({ tokenIds }) => tokenIds))
    expect(runs.slice(runs.length / 2).every((run) => cachedTokens(run) >= 192)).toBe(true)
    for (let rank = 0; rank < ranks; rank++) {
      await expect.poll(async () => (await group.stats(rank)).kvBytes).toBe(0)
      const { prefixCacheBytes } = await group.stats(rank)
      expect(prefixCacheBytes).toBeGreaterThan(0)
      expect(prefixCacheBytes).toBeLessThanOrEqual(CACHE_BYTES)
    }
    await group.close()
  })
})
