import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ShardStats } from '../main/shared/shard.ts'
import { openTiny, runGeneration } from './__fixtures__/run-generation.ts'
import { makeTinyModel, type TinyModel } from './__fixtures__/tiny-model.ts'
import type { OpenOptions, Shard } from './index.ts'

const counting: OpenOptions = { useArrays: true, countsSteps: true }
/** What MLX may keep of freed memory without a GPU. */
const CACHE_LIMIT_BYTES = 256 << 20
/** `npm test -- long` takes the sizes of an agent's request, about a minute. */
const [LONG_PROMPT_TOKENS, LONG_ANSWER_TOKENS] = process.env['EXO_LONG_TESTS'] === undefined ? [2_048, 256] : [8_192, 4_096]

describe('sequences that decode together in the operations of MLX', { timeout: 60_000 }, () => {
  let model: TinyModel, windowed: TinyModel

  beforeAll(() => {
    model = makeTinyModel()
    windowed = makeTinyModel({
      config: { sliding_window: 24, layer_types: ['sliding_attention', 'full_attention', 'sliding_attention', 'full_attention'] },
    })
  })
  afterAll(() => [model, windowed].forEach((each) => each.remove()))

  const promptOf = (tokens: number, salt = 0) => Array.from({ length: tokens }, (_, index) => (index * 31 + salt * 7 + 5) % model.vocabSize)

  async function opened<Result>(
    of: TinyModel,
    maxBatch: number,
    use: (shard: Shard) => Promise<Result>,
    options = counting,
  ): Promise<Result> {
    const shard = await openTiny(of, { contextTokens: 4096, maxBatch, prefillChunkTokens: 128 }, options)
    return use(shard).finally(() => shard.close())
  }

  it('cost hardly more operations than one does', () =>
    opened(model, 8, async (shard) => {
      const most = async (sequences: number) => {
        // Requests arrive one by one, so at the first try all may never decode at the same time.
        for (let maxTokens = 24; ; maxTokens *= 2) {
          const before = shard.steps().steps.length
          await Promise.all(
            Array.from({ length: sequences }, (_, salt) =>
              runGeneration(shard, { promptTokenIds: promptOf(20 + 3 * salt, salt), maxTokens }),
            ),
          )
          const steps = shard
            .steps()
            .steps.slice(before)
            .filter(({ decodedTokens, prefilledTokens }) => prefilledTokens === 0 && decodedTokens === sequences)
          if (steps.length > 2) return Math.max(...steps.slice(2).map(({ counts }) => counts!.primitives))
        }
      }
      const [one, eight] = [await most(1), await most(8)]
      expect(one).toBeGreaterThan(80)
      expect(eight).toBeGreaterThan(one)
      expect(eight / one).toBeLessThanOrEqual(1.25)
    }))

  it.each(['full attention', 'windows'])('have the text that each has alone, whatever their lengths and ends (%s)', async (kind) => {
    const of = kind === 'windows' ? windowed : model
    // Cache rows of three sizes. Sequences end at different times, and others take their rows.
    const inputs = [10, 300, 15, 30, 700, 22, 320, 12, 40, 260, 9, 33].map((tokens, index) => ({
      promptTokenIds: promptOf(tokens, index),
      maxTokens: 6 + ((index * 5) % 17),
      sampling: { temperature: 0.8, seed: String(index) },
    }))
    const together = await opened(of, 6, (shard) => Promise.all(inputs.map((input) => runGeneration(shard, input))))
    const alone = await opened(of, 1, async (shard) => {
      const runs = []
      for (const input of inputs) runs.push(await runGeneration(shard, input))
      return runs
    })
    expect(together.map(({ tokenIds }) => tokenIds)).toEqual(alone.map(({ tokenIds }) => tokenIds))
  })

  it('copy a cache once at most, and leave little memory behind', () =>
    opened(model, 2, async (shard) => {
      // A cache has room for 1,024 tokens of an answer, and this answer is longer.
      await runGeneration(shard, { promptTokenIds: promptOf(511), maxTokens: 1_040 })
      const counts = shard.stats().counts!
      // One regrowth each for the keys and the values of every layer.
      expect(counts.kvRegrowths).toBe(2 * model.layers)
      expect(counts.cacheBytes).toBeLessThanOrEqual(CACHE_LIMIT_BYTES)
      await runGeneration(shard, { promptTokenIds: promptOf(1_500), maxTokens: 20 })
      expect(shard.stats().counts!.kvRegrowths).toBe(2 * model.layers)
    }))

  it('write keys and values in place, without a copy of a cache in any step', () =>
    opened(model, 1, async (shard) => {
      // After the last token, the cache is freed at any time.
      const during: ShardStats[] = []
      await runGeneration(shard, { promptTokenIds: promptOf(3), maxTokens: 50 }, () => during.push(shard.stats()))
      const { peakBytes, activeBytes, kvBytes } = during.findLast((stats) => stats.kvBytes > 0)!
      expect(peakBytes - activeBytes).toBeLessThan(kvBytes / (2 * model.layers) / 2)
    }))

  it('copy a cache once at most also for a long answer to a long prompt', { timeout: 600_000 }, async () => {
    const shard = await openTiny(model, { contextTokens: 16_384 }, counting)
    const run = await runGeneration(shard, { promptTokenIds: promptOf(LONG_PROMPT_TOKENS), maxTokens: LONG_ANSWER_TOKENS })
    expect(run.tokenIds).toHaveLength(LONG_ANSWER_TOKENS)
    const counts = shard.stats().counts!
    // The largest of all steps.
    expect(counts.cacheBytes).toBeLessThanOrEqual(CACHE_LIMIT_BYTES)
    expect(counts.kvRegrowths).toBeLessThanOrEqual(2 * model.layers)
    await shard.close()
  })

  it('draw the same tokens on the device as on the CPU', () =>
    opened(model, 4, async (shard) => {
      const settings = [
        { temperature: 0 },
        { temperature: 1 },
        { temperature: 0.3 },
        { temperature: 2.5 },
        { temperature: 1, topK: 5 },
        { temperature: 1, topK: 1 },
        { temperature: 1.5, topP: 0.5 },
        { temperature: 1, topP: 0.01 },
        { temperature: 1, minP: 0.2 },
        { temperature: 0.7, topK: 40, topP: 0.9, minP: 0.05 },
        { temperature: 3, topK: 100, topP: 0.95 },
      ]
      const runAll = (topLogprobs: number | null) =>
        Promise.all(
          settings.map((sampling, index) =>
            runGeneration(shard, {
              promptTokenIds: promptOf(5 + index, index),
              maxTokens: 60,
              topLogprobs,
              sampling: { ...sampling, seed: String(index * 977) },
            }),
          ),
        )
      const [device, host] = [await runAll(null), await runAll(0)]
      expect(device.map(({ tokenIds }) => tokenIds)).toEqual(host.map(({ tokenIds }) => tokenIds))
      expect(new Set(device.flatMap(({ tokenIds }) => tokenIds)).size).toBeGreaterThan(50)
    }))

  it('pass nothing to the CPU between two plain steps', async () => {
    // Each run has its own engine, since the last step is counted after its token is sent and could fall into the next run.
    const handOffs = (topLogprobs: number | null) =>
      opened(model, 2, async (shard) => {
        await runGeneration(shard, { promptTokenIds: promptOf(20), maxTokens: 8, topLogprobs })
        return new Set(
          shard
            .steps()
            .steps.flatMap(({ prefilledTokens, decodedTokens, counts }) =>
              prefilledTokens === 0 && decodedTokens === 1 ? [counts!.handOffs] : [],
            ),
        )
      })
    expect(await handOffs(null)).toEqual(new Set([0]))
    expect(await handOffs(0)).toEqual(new Set([1]))
  })
})
