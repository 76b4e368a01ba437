import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ModelId } from '../main/shared/ids.ts'
import { openTiny, runGeneration, type GenerationRun } from './__fixtures__/run-generation.ts'
import { makeTinyModel, type TinyModel } from './__fixtures__/tiny-model.ts'
import type { Shard } from './index.ts'

const WINDOW = 32
const CHUNK = 128
/** Bytes of a token in one layer, in float32. */
const LAYER_TOKEN_BYTES = 2 * 4 * 16 * 4
const SLIDING = ['sliding_attention', 'full_attention', 'sliding_attention', 'sliding_attention']

const promptOf = (tokens: number, salt = 0) =>
  Array.from({ length: tokens }, (_, index) => (index * 31 + salt * 7 + ((index * index) % 13)) % 200)
const cachedTokens = ({ last }: GenerationRun): number => (last.type === 'generation-end' ? last.timings.cachedTokens : -1)

describe.each([
  ['the kernels of the CPU', false],
  ['MLX operations', true],
])('layers with a window, with %s', { timeout: 120_000 }, (_title, useArrays) => {
  let model: TinyModel, shallow: TinyModel
  /** MLX operations take their time on a CPU. */
  const some = (tokens: number) => (useArrays ? Math.ceil(tokens / 2) : tokens)

  beforeAll(() => {
    model = makeTinyModel({ config: { sliding_window: WINDOW, layer_types: SLIDING } })
    shallow = makeTinyModel({ config: { sliding_window: WINDOW, layer_types: SLIDING, num_hidden_layers: 2 } })
  })
  afterAll(() => [model, shallow].forEach((each) => each.remove()))

  async function opened<Result>(prefixCacheBytes: number, use: (shard: Shard) => Promise<Result>): Promise<Result> {
    const spec = { contextTokens: 4096, maxBatch: 4, prefillChunkTokens: CHUNK, prefixCacheBytes }
    const shard = await openTiny(model, spec, { useArrays })
    return use(shard).finally(() => shard.close())
  }
  const answered = (input: Parameters<typeof runGeneration>[1]) => opened(0, (shard) => runGeneration(shard, input))

  it('keep what is seen, and the layer without one keeps all', () =>
    opened(0, async (shard) => {
      const held: number[] = []
      const prompt = promptOf(1800)
      await runGeneration(shard, { promptTokenIds: prompt, maxTokens: 200 }, () => held.push(shard.stats().kvBytes))
      const most = Math.max(...held)
      const whole = LAYER_TOKEN_BYTES * 2000
      expect(most).toBeGreaterThanOrEqual(whole)
      expect(most).toBeLessThanOrEqual(LAYER_TOKEN_BYTES * (2048 + 3 * (WINDOW + 640)))
    }))

  it('answer as after a prompt that has the first half of the answer', async () => {
    const prompt = promptOf(600)
    const whole = await answered({ promptTokenIds: prompt, maxTokens: some(300) })
    const first = whole.tokenIds.slice(0, some(170))
    const again = await answered({ promptTokenIds: [...prompt, ...first], maxTokens: some(300) - first.length })
    expect([...first, ...again.tokenIds]).toEqual(whole.tokenIds)
    expect(whole.tokenIds).toHaveLength(some(300))
  })

  it('answer alike alone, beside others of other lengths, and from the prefix cache', async () => {
    const inputs = [60, 333, 700, 1100].map((tokens, salt) => ({ promptTokenIds: promptOf(tokens, salt), maxTokens: 150 }))
    const alone: GenerationRun[] = []
    for (const input of inputs) alone.push(await answered(input))
    await opened(64 << 20, async (shard) => {
      const beside = await Promise.all(inputs.map((input) => runGeneration(shard, input)))
      expect(beside.map(({ tokenIds }) => tokenIds)).toEqual(alone.map(({ tokenIds }) => tokenIds))
      const again = await Promise.all(inputs.map((input) => runGeneration(shard, input)))
      expect(again.map(({ tokenIds }) => tokenIds)).toEqual(alone.map(({ tokenIds }) => tokenIds))
      expect(again.map(cachedTokens)).toEqual([0, 320, 640, 1088])
      const next = inputs.map(({ promptTokenIds }, index) => [...promptTokenIds, ...(alone[index]?.tokenIds ?? []), ...promptOf(9)])
      const turns = await Promise.all(next.map((promptTokenIds) => runGeneration(shard, { promptTokenIds, maxTokens: 20 })))
      for (const [index, promptTokenIds] of next.entries())
        expect(turns[index]?.tokenIds).toEqual((await answered({ promptTokenIds, maxTokens: 20 })).tokenIds)
      expect(turns.map(cachedTokens)).toEqual(next.map((tokens) => Math.floor((tokens.length - 10) / 64) * 64))
    })
  })

  it('keep the text where a prefix cache has room for a part of it', () =>
    opened(20 * 64 * 4 * LAYER_TOKEN_BYTES, async (shard) => {
      for (const salt of [1, 2, 1]) {
        const input = { promptTokenIds: promptOf(1500, salt), maxTokens: some(60) }
        expect((await runGeneration(shard, input)).tokenIds).toEqual((await answered(input)).tokenIds)
      }
    }))

  it.each(['itself', 'shallow'])('take back what a draft proposed in vain (%s)', (name) =>
    opened(0, async (shard) => {
      const draft = name === 'itself' ? model : shallow
      await shard.loadDraft(draft.dir, draft.dir)
      for (const salt of [1, 2]) {
        const input = { promptTokenIds: promptOf(700, salt), maxTokens: some(120) }
        const drafted = await runGeneration(shard, { ...input, draft: { modelId: ModelId.parse(draft.dir), modelDir: draft.dir } })
        expect(drafted.tokenIds).toEqual((await answered(input)).tokenIds)
      }
    }),
  )
})
