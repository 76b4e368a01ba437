import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TensorSpec } from '../../../main/shared/models/random-safetensors.ts'
import { ModelId } from '../../../main/shared/ids.ts'
import { RankGroup } from '../../__fixtures__/rank-group.ts'
import { type GenerationRun, openTiny, runGeneration } from '../../__fixtures__/run-generation.ts'
import { makeTinyModel, type TinyModel } from '../../__fixtures__/tiny-model.ts'

const DELTA = {
  linear_num_key_heads: 2,
  linear_num_value_heads: 4,
  linear_key_head_dim: 16,
  linear_value_head_dim: 12,
  linear_conv_kernel_dim: 4,
  full_attention_interval: 4,
}
const CHANNELS = 2 * 2 * 16 + 4 * 12

/** Three layers with a delta net and one with a gated attention. */
function withDeltaNets(tensors: readonly TensorSpec[]): TensorSpec[] {
  const others = tensors.filter(({ name }) => !/layers\.[012]\.self_attn|layers\.3\.self_attn\.q_proj/.test(name))
  const deltaNet = (layer: number): TensorSpec[] => {
    const at = (name: string, shape: number[]): TensorSpec => ({ name: `model.layers.${layer}.linear_attn.${name}`, shape })
    return [
      at('in_proj_qkv.weight', [CHANNELS, 64]),
      at('in_proj_z.weight', [48, 64]),
      at('in_proj_b.weight', [4, 64]),
      at('in_proj_a.weight', [4, 64]),
      at('conv1d.weight', [CHANNELS, 4, 1]),
      at('A_log', [4]),
      at('dt_bias', [4]),
      at('norm.weight', [12]),
      at('out_proj.weight', [64, 48]),
    ]
  }
  const attention = 'model.layers.3.self_attn'
  return [
    ...others,
    ...[0, 1, 2].flatMap(deltaNet),
    { name: `${attention}.q_proj.weight`, shape: [2 * 4 * 16, 64] },
    { name: `${attention}.q_norm.weight`, shape: [16] },
    { name: `${attention}.k_norm.weight`, shape: [16] },
  ]
}

/** More prompts than slots, so that slots are used again, of one token too. */
const inputs = [1, 2, 3, 40, 90, 130, 1, 64, 65, 7].map((length, index) => ({
  promptTokenIds: Array.from({ length }, (_, position) => (position * 17 + index * 5) % 200),
  sampling: index % 2 === 0 ? { temperature: 0 } : { temperature: 0.9, seed: String(index) },
  maxTokens: 24,
}))

describe.each([false, true])('a model with delta nets (MLX operations: %s)', { timeout: 120_000 }, (useArrays) => {
  let model: TinyModel
  let alone: number[][]

  beforeAll(async () => {
    model = makeTinyModel({ config: { model_type: 'qwen3_5_text', ...DELTA }, tensors: withDeltaNets })
    const shard = await openTiny(model, {}, { useArrays })
    alone = []
    for (const input of inputs) alone.push((await runGeneration(shard, input)).tokenIds)
    await shard.close()
  })
  afterAll(() => model.remove())

  it('gives each of several sequences the text that it has alone, in parts of any size, and in slots that were used', async () => {
    expect(alone.map((tokens) => tokens.length)).toEqual(inputs.map(() => 24))
    const shard = await openTiny(model, { maxBatch: 4, prefillChunkTokens: 37 }, { useArrays })
    for (let round = 0; round < 2; round += 1) {
      const together = await Promise.all(inputs.map((input) => runGeneration(shard, input)))
      expect(together.map(({ tokenIds }) => tokenIds)).toEqual(alone)
    }
    await shard.close()
  })

  it('continues after a known beginning with the same text: the same prompt, the next turn, in company', async () => {
    const shard = await openTiny(model, { prefixCacheBytes: 8 << 20, maxBatch: 4 }, { useArrays })
    const cachedOf = ({ last }: GenerationRun) => (last.type === 'generation-end' ? last.timings.cachedTokens : -1)
    for (let round = 0; round < 2; round += 1) {
      const together = await Promise.all(inputs.map((input) => runGeneration(shard, input)))
      expect(together.map(({ tokenIds }) => tokenIds)).toEqual(alone)
      const known = inputs.map(({ promptTokenIds: { length } }) => Math.floor((length - 1) / 64) * 64)
      if (round === 1) expect(together.map(cachedOf)).toEqual(known)
    }
    const turn = { ...inputs[5]!, promptTokenIds: [...inputs[5]!.promptTokenIds, ...alone[5]!, 3, 4], maxTokens: 8 }
    const next = await runGeneration(shard, turn)
    expect(cachedOf(next)).toBe(128)
    const plain = await openTiny(model, {}, { useArrays })
    expect(next.tokenIds).toEqual((await runGeneration(plain, turn)).tokenIds)
    await Promise.all([shard.close(), plain.close()])
  })

  it('gives the same text with a draft, which keeps a state itself, whatever it proposes', async () => {
    const other = makeTinyModel({ config: { model_type: 'qwen3_5_text', ...DELTA, num_hidden_layers: 3 }, tensors: withDeltaNets })
    const shard = await openTiny(model, { prefixCacheBytes: 8 << 20, maxBatch: 4 }, { useArrays })
    for (const draft of [model, other]) {
      await shard.loadDraft(draft.dir, draft.dir)
      const named = { modelId: ModelId.parse(draft.dir), modelDir: draft.dir }
      const together = await Promise.all(inputs.map((input) => runGeneration(shard, { ...input, draft: named })))
      expect(together.map(({ tokenIds }) => tokenIds)).toEqual(alone)
      const proposed = together.map(({ last }) => (last.type === 'generation-end' ? (last.timings.draft?.proposedTokens ?? 0) : 0))
      expect(Math.min(...proposed)).toBeGreaterThan(0)
    }
    await shard.close()
    other.remove()
  })

  it.each(['pipeline', 'tensor'] as const)('gives the same text over two ranks in %s, from the cache too', async (strategy) => {
    const group = await RankGroup.open({
      modelDir: model.dir,
      layers: model.layers,
      strategy,
      ranks: 2,
      useArrays,
      spec: { prefixCacheBytes: 8 << 20 },
    })
    for (let round = 0; round < 2; round += 1) {
      const together = await Promise.all(inputs.map((input) => runGeneration(group, input)))
      expect(together.map(({ tokenIds }) => tokenIds)).toEqual(alone)
    }
    await group.close()
  })
})
