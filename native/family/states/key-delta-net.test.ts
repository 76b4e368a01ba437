import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TensorSpec } from '../../../main/shared/models/random-safetensors.ts'
import { openTiny, runGeneration } from '../../__fixtures__/run-generation.ts'
import { makeTinyModel, type TinyModel } from '../../__fixtures__/tiny-model.ts'

const HEADS = 4
const HEAD = 16
const WIDTH = HEADS * HEAD
const CONFIG = {
  model_type: 'kimi_linear',
  kv_lora_rank: 16,
  qk_rope_head_dim: 8,
  qk_nope_head_dim: 16,
  v_head_dim: 16,
  num_experts: 2,
  moe_intermediate_size: 32,
  first_k_dense_replace: 4,
  linear_attn_config: { kda_layers: [1, 2, 3, 4], full_attn_layers: [], num_heads: HEADS, head_dim: HEAD, short_conv_kernel_size: 4 },
}
const PROMPT_TOKENS = 200

function withKeyDeltaNets(tensors: readonly TensorSpec[]): TensorSpec[] {
  const deltaNet = (layer: number): TensorSpec[] => {
    const at = (name: string, shape: number[]): TensorSpec => ({ name: `model.layers.${layer}.self_attn.${name}`, shape })
    return [
      ...['q', 'k', 'v'].flatMap((part) => [at(`${part}_proj.weight`, [WIDTH, 64]), at(`${part}_conv.conv.weight`, [WIDTH, 4, 1])]),
      ...['f', 'g'].flatMap((part) => [at(`${part}_a_proj.weight`, [HEAD, 64]), at(`${part}_b_proj.weight`, [WIDTH, HEAD])]),
      at('b_proj.weight', [HEADS, 64]),
      at('A_log', [HEADS]),
      at('dt_bias', [WIDTH]),
      at('o_norm.weight', [HEAD]),
      at('o_proj.weight', [64, WIDTH]),
    ]
  }
  return [...tensors.filter(({ name }) => !name.includes('self_attn')), ...[0, 1, 2, 3].flatMap(deltaNet)]
}

describe('delta nets in which every dimension of a key decays by itself', { timeout: 60_000 }, () => {
  let model: TinyModel
  beforeAll(() => {
    model = makeTinyModel({ config: CONFIG, tensors: withKeyDeltaNets })
  })
  afterAll(() => model.remove())

  async function answer(prefillChunkTokens: number) {
    const shard = await openTiny(model, { prefillChunkTokens }, { useArrays: true, countsSteps: true })
    const promptTokenIds = Array.from({ length: PROMPT_TOKENS }, (_, position) => (position * 17 + 5) % 200)
    const run = await runGeneration(shard, { promptTokenIds, maxTokens: 12, topLogprobs: 0 })
    const primitives = shard.steps().steps.reduce((sum, step) => sum + (step.prefilledTokens > 0 ? (step.counts?.primitives ?? 0) : 0), 0)
    await shard.close()
    const tokens = run.events.flatMap((event) => (event.type === 'token-delta' ? [event.token] : []))
    return { tokens, primitives }
  }

  it('read a prompt in chunks as they do token by token, in fewer operations', async () => {
    // So few tokens are computed one by one.
    const each = await answer(4)
    const together = await answer(PROMPT_TOKENS)
    process.stdout.write(
      `figure: ${together.primitives} operations for ${PROMPT_TOKENS} tokens of a prompt, token by token ${each.primitives}\n`,
    )
    expect(together.tokens.map(({ tokenId }) => tokenId)).toEqual(each.tokens.map(({ tokenId }) => tokenId))
    for (const [index, { logprob }] of together.tokens.entries()) expect(logprob).toBeCloseTo(each.tokens[index]?.logprob ?? Number.NaN, 3)
    expect(together.primitives).toBeLessThan(each.primitives / 3)
  })
})
