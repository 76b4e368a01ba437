import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { KvBits } from '../main/shared/models/kv-bits.ts'
import { RankGroup } from './__fixtures__/rank-group.ts'
import { type GenerationRun, openTiny, runGeneration } from './__fixtures__/run-generation.ts'
import { makeTinyModel, type TinyModel } from './__fixtures__/tiny-model.ts'
import type { Shard } from './index.ts'

const BITS = [16, 8, 4] as const
/** On the CPU, MLX's operations compute in float32, and 32 numbers share a scale and a bias of that type. */
const bytesPerNumber = (bits: KvBits): number => (bits === 16 ? 2 : bits / 8 + (2 * 4) / 32)

describe('a quantized KV cache', { timeout: 60_000 }, () => {
  const wideHeads = { num_attention_heads: 2, num_key_value_heads: 2, head_dim: 32 }
  let model: TinyModel, windowed: TinyModel, narrow: TinyModel

  beforeAll(() => {
    model = makeTinyModel({ config: wideHeads })
    narrow = makeTinyModel()
    windowed = makeTinyModel({
      config: {
        ...wideHeads,
        sliding_window: 24,
        layer_types: ['sliding_attention', 'full_attention', 'sliding_attention', 'full_attention'],
      },
    })
  })
  afterAll(() => [model, windowed, narrow].forEach((each) => each.remove()))

  const promptOf = (tokens: number, salt = 0) => Array.from({ length: tokens }, (_, index) => (index * 31 + salt * 7 + 5) % model.vocabSize)

  async function opened<Result>(
    of: TinyModel,
    kvBits: KvBits | null,
    use: (shard: Shard) => Promise<Result>,
    spec: { maxBatch?: number; prefixCacheBytes?: number } = {},
  ): Promise<Result> {
    const shard = await openTiny(of, { contextTokens: 1024, prefillChunkTokens: 128, kvBits, ...spec })
    return use(shard).finally(() => shard.close())
  }

  const logprobsOf = ({ events }: GenerationRun): number[] =>
    events.flatMap((event) => (event.type === 'prompt-logprobs' ? event.tokens.flatMap(({ logprob }) => logprob ?? []) : []))
  const scored = (of: TinyModel, kvBits: KvBits | null): Promise<number[]> =>
    opened(of, kvBits, async (shard) =>
      logprobsOf(await runGeneration(shard, { promptTokenIds: promptOf(300), maxTokens: 1, promptLogprobs: true })),
    )

  it('changes the probabilities a little, less with more bits, and not at all where heads cannot be grouped', async () => {
    const exact = await scored(model, null)
    const drift = async (bits: KvBits): Promise<number> => {
      const quantized = await scored(model, bits)
      return exact.reduce((sum, logprob, index) => sum + Math.abs(logprob - quantized[index]!), 0) / exact.length
    }
    const [sixteen, eight, four] = [await drift(16), await drift(8), await drift(4)]
    expect(exact.length).toBeGreaterThanOrEqual(299)
    expect(sixteen).toBeGreaterThan(0)
    expect(sixteen).toBeLessThan(eight)
    expect(eight).toBeLessThan(0.02)
    expect(four).toBeGreaterThan(2 * eight)
    expect(four).toBeLessThan(0.3)
    const [whole, ungrouped] = [await scored(narrow, null), await scored(narrow, 4)]
    whole.forEach((logprob, index) => expect(ungrouped[index]).toBeCloseTo(logprob, 4))
  })

  it.each(BITS)('takes the memory that its %i bits and their scales need', async (bits) => {
    await opened(
      model,
      bits,
      async (shard) => {
        await runGeneration(shard, { promptTokenIds: promptOf(150), maxTokens: 2 })
        // The cache keeps the two whole blocks of 64 tokens.
        const numbers = 2 * 64 * model.layers * 2 * 64
        await expect.poll(() => shard.stats().prefixCacheBytes).toBe(numbers * bytesPerNumber(bits))
      },
      { prefixCacheBytes: 64 << 20 },
    )
  })

  describe.each(BITS)('of %i bits', (bits) => {
    it.each(['full attention', 'windows'])('gives the same text in a batch, alone, and after a known beginning (%s)', async (kind) => {
      const of = kind === 'windows' ? windowed : model
      const inputs = [10, 300, 15, 150, 290, 22, 200, 12].map((tokens, index) => ({
        promptTokenIds: [...promptOf(tokens, index % 2), 3 + index],
        maxTokens: 6 + ((index * 5) % 17),
        sampling: { temperature: 0.8, seed: String(index) },
      }))
      const inTurn = async (shard: Shard) => {
        const runs = []
        for (const input of inputs) runs.push(await runGeneration(shard, input))
        return runs
      }
      const alone = await opened(of, bits, inTurn, { maxBatch: 1 })
      const together = await opened(of, bits, (shard) => Promise.all(inputs.map((input) => runGeneration(shard, input))), { maxBatch: 6 })
      const cached = await opened(of, bits, inTurn, { prefixCacheBytes: 64 << 20 })
      expect(together.map(({ tokenIds }) => tokenIds)).toEqual(alone.map(({ tokenIds }) => tokenIds))
      expect(cached.map(({ tokenIds }) => tokenIds)).toEqual(alone.map(({ tokenIds }) => tokenIds))
      const cachedTokens = cached.flatMap(({ last }) => (last.type === 'generation-end' ? [last.timings.cachedTokens] : []))
      expect(Math.max(...cachedTokens)).toBeGreaterThanOrEqual(128)
    })

    it('gives the same text when an answer goes on elsewhere', async () => {
      const input = { promptTokenIds: promptOf(100), maxTokens: 24, sampling: { temperature: 0.8, seed: '7' } }
      const { tokenIds } = await opened(model, bits, (shard) => runGeneration(shard, input))
      const rest = await opened(model, bits, (shard) =>
        runGeneration(shard, {
          ...input,
          promptTokenIds: [...input.promptTokenIds, ...tokenIds.slice(0, 10)],
          resumedTokens: 10,
          maxTokens: 14,
        }),
      )
      expect(rest.tokenIds).toEqual(tokenIds.slice(10))
    })

    it.each(['pipeline', 'tensor'] as const)('gives the text of one process over two ranks (%s)', async (strategy) => {
      const input = { promptTokenIds: promptOf(150), maxTokens: 12, sampling: { temperature: 0.8, seed: '7' } }
      const alone = await opened(model, bits, (shard) => runGeneration(shard, input))
      const group = await RankGroup.open({
        modelDir: model.dir,
        layers: model.layers,
        strategy,
        ranks: 2,
        useArrays: false,
        spec: { kvBits: bits },
      })
      const run = await runGeneration(group, input)
      await group.close()
      expect(run.tokenIds).toEqual(alone.tokenIds)
    })
  })
})
