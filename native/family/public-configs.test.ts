import { describe, expect, it } from 'vitest'
import { describeDecoder } from './describe-decoder.ts'
import type { DecoderDescription } from './family.ts'

const SIZES = {
  hidden_size: 64,
  num_hidden_layers: 4,
  intermediate_size: 96,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  head_dim: 16,
  vocab_size: 100,
  rms_norm_eps: 1e-5,
  max_position_embeddings: 4096,
}
const EXPERTS = { moe_intermediate_size: 32, num_experts_per_tok: 2 }
const GROUPED = { ...EXPERTS, n_routed_experts: 8, n_shared_experts: 1, first_k_dense_replace: 1 }
const LATENT = { kv_lora_rank: 32, q_lora_rank: 48, qk_rope_head_dim: 16, qk_nope_head_dim: 16, v_head_dim: 16 }
/** A tiny config of every family. */
const CONFIGS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  llama: SIZES,
  mistral: SIZES,
  qwen2: SIZES,
  qwen3: SIZES,
  phi3: SIZES,
  gemma3_text: SIZES,
  qwen3_moe: { ...SIZES, ...EXPERTS, num_experts: 8 },
  mixtral: { ...SIZES, num_local_experts: 8, num_experts_per_tok: 2 },
  glm4_moe: { ...SIZES, ...GROUPED, partial_rotary_factor: 1 },
  deepseek_v3: { ...SIZES, ...GROUPED, kv_lora_rank: 32, q_lora_rank: null, qk_rope_head_dim: 16, qk_nope_head_dim: 16, v_head_dim: 16 },
  kimi_k2: { ...SIZES, ...GROUPED, kv_lora_rank: 32, q_lora_rank: 48, qk_rope_head_dim: 16, qk_nope_head_dim: 16, v_head_dim: 16 },
  iquestcoder: SIZES,
  joyai_llm_flash: { ...SIZES, ...GROUPED, ...LATENT },
  glm4_moe_lite: { ...SIZES, ...GROUPED, ...LATENT },
  youtu_llm: { ...SIZES, ...LATENT },
  seed_oss: SIZES,
  ernie4_5: SIZES,
  internlm3: SIZES,
  mimo: SIZES,
  glm: SIZES,
  telechat3: SIZES,
  glm4: { ...SIZES, partial_rotary_factor: 1 },
  bailing_moe: { ...SIZES, ...EXPERTS, num_experts: 8, num_shared_experts: 1 },
  dots1: { ...SIZES, ...GROUPED },
  solar_open: { ...SIZES, ...GROUPED, partial_rotary_factor: 1 },
  ministral3: SIZES,
  olmo2: SIZES,
  olmo3: SIZES,
  exaone4: SIZES,
  hunyuan_v1_dense: SIZES,
  olmoe: { ...SIZES, num_experts: 8, num_experts_per_tok: 2 },
  minimax_m2: { ...SIZES, num_local_experts: 8, num_experts_per_tok: 2 },
  laguna: { ...SIZES, ...EXPERTS, num_experts: 8, shared_expert_intermediate_size: 32 },
  qwen2_moe: { ...SIZES, ...EXPERTS, num_experts: 8, shared_expert_intermediate_size: 32 },
  ernie4_5_moe: { ...SIZES, moe_num_experts: 8, moe_k: 2, moe_intermediate_size: 32 },
  gpt_oss: { ...SIZES, num_local_experts: 8, num_experts_per_tok: 2 },
}
const FAMILIES = Object.keys(CONFIGS)

const describeConfig = (family: string, change: Readonly<Record<string, unknown>> = {}): DecoderDescription =>
  describeDecoder({ ...CONFIGS[family], model_type: family, ...change }, 'config.json')
const refusal = (code: string, part: string) => expect.objectContaining({ code, message: expect.stringContaining(part) as string }) as Error

describe('C02 rotary positions of transformers 5', () => {
  const full = { rope_type: 'linear', factor: 8, rope_theta: 1e6 }
  const sliding = { rope_type: 'default', rope_theta: 10_000 }

  it('are read per kind of layer, as Gemma keeps them', () => {
    const old = describeConfig('gemma3_text', {
      rope_theta: 1e6,
      rope_local_base_freq: 10_000,
      rope_scaling: { rope_type: 'linear', factor: 8 },
    })
    const byKind = describeConfig('gemma3_text', { rope_parameters: { full_attention: full, sliding_attention: sliding } })
    expect(byKind.rope.positionScale).toBe(1 / 8)
    expect([byKind.rope, byKind.windowRope]).toEqual([old.rope, old.windowRope])
    const seeing = describeDecoder(
      {
        model_type: 'gemma3',
        text_config: {
          ...SIZES,
          rope_parameters: { sliding_attention: { ...sliding, rope_theta: 500 }, full_attention: { ...full, factor: 4 } },
        },
      },
      'config.json',
    )
    expect([seeing.rope.positionScale, seeing.windowRope?.inverseFrequencies[1]]).toEqual([1 / 4, expect.closeTo(500 ** (-2 / 16), 6)])
    expect(describeConfig('gemma3_text', { rope_scaling: { full_attention: full } }).rope.positionScale).toBe(1 / 8)
  })

  it.each(FAMILIES)('are read of %s, flat or per kind', (family) => {
    const scaled = { rope_type: 'linear', factor: 4, rope_theta: 777 }
    const old = describeConfig(family, { rope_theta: 777, rope_scaling: { type: 'linear', factor: 4 } })
    expect(old.rope.positionScale).toBe(1 / 4)
    expect(describeConfig(family, { rope_parameters: scaled }).rope).toEqual(old.rope)
    expect(describeConfig(family, { rope_scaling: null, rope_theta: null, rope_parameters: { full_attention: scaled } }).rope).toEqual(
      old.rope,
    )
    expect(describeConfig(family, { rope_scaling: { rope_type: 'default' }, rope_parameters: scaled }).rope).toEqual(old.rope)
  })

  it.each(FAMILIES)('are refused of %s in a block that nobody knows', (family) => {
    expect(() => describeConfig(family, { rope_parameters: { chunked_attention: full } })).toThrow(
      refusal('model-unsupported', 'chunked_attention'),
    )
    expect(() => describeConfig(family, { rope_parameters: { rope_type: 'spiral', rope_theta: 10 } })).toThrow(
      refusal('model-unsupported', 'spiral'),
    )
  })
})

describe('C03 what a config leaves open', () => {
  const NULLABLE = [
    'mlp_only_layers',
    'decoder_sparse_step',
    'norm_topk_prob',
    'n_group',
    'topk_group',
    'scoring_func',
    'topk_method',
    'routed_scaling_factor',
    'first_k_dense_replace',
    'moe_layer_freq',
    'n_shared_experts',
    'query_pre_attn_scalar',
    'sliding_window',
    'sliding_window_pattern',
    'layer_types',
    'rope_scaling',
    'rope_parameters',
    'rope_theta',
    'rope_local_base_freq',
    'rope_traditional',
    'attention_bias',
    'mlp_bias',
    'use_sliding_window',
    'max_window_layers',
    'use_qk_norm',
    'tie_word_embeddings',
    'max_position_embeddings',
    'head_dim',
    'num_key_value_heads',
    'hidden_act',
    'hidden_activation',
    'quantization',
    'original_max_position_embeddings',
  ]

  it.each(FAMILIES)('is the default of %s, also where it is null', (family) => {
    for (const key of NULLABLE) {
      const { [key]: _, ...without } = { ...CONFIGS[family], model_type: family } as Record<string, unknown>
      expect(describeDecoder({ ...without, [key]: null }, 'config.json'), key).toEqual(describeDecoder(without, 'config.json'))
    }
  })

  it.each(FAMILIES)('is the default of %s within a block of rotary positions too', (family) => {
    const nulls = {
      type: null,
      factor: null,
      partial_rotary_factor: null,
      low_freq_factor: null,
      high_freq_factor: null,
      original_max_position_embeddings: null,
      beta_fast: null,
      beta_slow: null,
      mscale: null,
      mscale_all_dim: null,
      long_factor: null,
      attention_factor: null,
      full_attention: null,
      sliding_attention: null,
    }
    for (const key of ['rope_scaling', 'rope_parameters'])
      expect(describeConfig(family, { [key]: { ...nulls, rope_type: 'default', rope_theta: 10_000 } }), key).toEqual(
        describeConfig(family, { [key]: { rope_type: 'default', rope_theta: 10_000 } }),
      )
    expect(() => describeConfig(family, { rope_scaling: { rope_type: 'linear', factor: null } })).toThrow(
      refusal('model-damaged', 'has no factor'),
    )
  })

  it.each(FAMILIES)('is no damage of %s where a window is 0 or a context without end', (family) => {
    expect(describeConfig(family, { sliding_window: 0, layer_types: null }).windowTokens).toEqual([0, 0, 0, 0])
    for (const max_position_embeddings of [1e30, Infinity]) expect(describeConfig(family, { max_position_embeddings }).layers).toBe(4)
  })
})

describe('C04 settings beyond a family’s own', () => {
  const yarn = { rope_type: 'yarn', factor: 4, original_max_position_embeddings: 32_768 }

  it.each(FAMILIES)('of %s: yarn stretches the positions', (family) => {
    const { rope } = describeConfig(family, { rope_theta: 1e6, rope_scaling: yarn })
    const plain = describeConfig(family, { rope_theta: 1e6 }).rope
    expect(rope.inverseFrequencies).not.toEqual(plain.inverseFrequencies)
    expect(rope.inverseFrequencies).toEqual(describeConfig('llama', { rope_theta: 1e6, rope_scaling: yarn }).rope.inverseFrequencies)
    expect(rope.magnitude).toBeCloseTo(0.1 * Math.log(4) + 1, 6)
    expect(describeConfig(family, { rope_theta: 1e6, rope_scaling: { ...yarn, attention_factor: 1.5 } }).rope.magnitude).toBe(1.5)
    expect(describeConfig(family, { rope_theta: 1e6, rope_scaling: { ...yarn, rope_type: 'dynamic' } }).rope).toEqual(plain)
  })

  it.each(FAMILIES)('of %s: another activation is refused by name', (family) => {
    const key = family.startsWith('gemma') ? 'hidden_activation' : 'hidden_act'
    expect(() => describeConfig(family, { [key]: 'relu' })).toThrow(refusal('model-unsupported', `${key} "relu"`))
    expect(() => describeConfig(family, { [key]: family.startsWith('gemma') ? 'silu' : 'gelu' })).toThrow(refusal('model-unsupported', key))
    expect(describeConfig(family, { [key]: family.startsWith('gemma') ? 'gelu_pytorch_tanh' : 'silu' })).toEqual(describeConfig(family))
  })

  it.each(FAMILIES)('of %s: what the decoder does not do is refused by name, and switched off is none', (family) => {
    for (const [key, value] of Object.entries({
      attn_logit_softcapping: 50,
      final_logit_softcapping: 30,
      clip_qkv: 8,
      embedding_multiplier: 12,
      residual_multiplier: 0.22,
      attention_multiplier: 0.5,
      logits_scaling: 8,
      logit_scale: 0.0625,
      is_encoder_decoder: true,
      use_bidirectional_attention: true,
      alibi: true,
      no_rope_layers: [1, 1, 1, 0],
    }))
      expect(() => describeConfig(family, { [key]: value }), key).toThrow(refusal('model-unsupported', key))
    const off = {
      attn_logit_softcapping: null,
      final_logit_softcapping: null,
      clip_qkv: null,
      embedding_multiplier: 1,
      logits_scaling: 1,
      is_encoder_decoder: false,
      use_bidirectional_attention: false,
      alibi: false,
      no_rope_layers: [1, 1, 1, 1],
    }
    expect(
      describeConfig(family, {
        ...off,
        attention_dropout: 0.1,
        initializer_range: 0.02,
        router_aux_loss_coef: 0.001,
        auto_map: {},
        pretraining_tp: 1,
        torch_dtype: 'bfloat16',
      }),
    ).toEqual(describeConfig(family))
  })

  it.each(['llama', 'mistral', 'qwen2', 'qwen3', 'qwen3_moe', 'gpt_oss', 'gemma3_text'])(
    'of %s: layers of another kind, or heads that turn in part, are refused by name',
    (family) => {
      expect(() =>
        describeConfig(family, { layer_types: ['full_attention', 'linear_attention', 'full_attention', 'full_attention'] }),
      ).toThrow(refusal('model-unsupported', 'linear_attention'))
      expect(() => describeConfig(family, { layer_types: ['full_attention'] })).toThrow(
        refusal('model-damaged', 'layer_types names 1 of 4'),
      )
      expect(() => describeConfig(family, { partial_rotary_factor: 0.5 })).toThrow(
        refusal('model-unsupported', 'partial_rotary_factor of 0.5'),
      )
    },
  )

  it.each(['qwen2', 'qwen3', 'qwen3_moe'])('of %s: windows count where they are switched on', (family) => {
    expect(describeConfig(family, { sliding_window: 32, max_window_layers: 2, use_sliding_window: false }).windowTokens).toEqual([
      0, 0, 0, 0,
    ])
    expect(describeConfig(family, { sliding_window: 32, max_window_layers: 2, use_sliding_window: true }).windowTokens).toEqual([
      0, 0, 32, 32,
    ])
    expect(describeConfig(family, { sliding_window: 32, max_window_layers: 4, use_sliding_window: true }).windowTokens).toEqual([
      0, 0, 0, 0,
    ])
  })

  it('of Qwen 3: biases are there where the config has them', () => {
    expect(describeConfig('qwen3', { attention_bias: true })).toMatchObject({ hasQueryKeyValueBias: true, hasAttentionOutputBias: true })
  })

  it('of GPT-OSS: another limit of its activation is refused by name', () => {
    expect(() => describeConfig('gpt_oss', { swiglu_limit: 5 })).toThrow(refusal('model-unsupported', 'swiglu_limit 5'))
    expect(describeConfig('gpt_oss', { swiglu_limit: 7 })).toEqual(describeConfig('gpt_oss'))
  })
})

describe('C07 the ends of yarn’s range', () => {
  it('are whole numbers as in mlx-lm, whatever `truncate` says: parity is with mlx-lm', () => {
    const plan = (truncate: boolean) =>
      describeConfig('gpt_oss', {
        rope_scaling: { rope_type: 'yarn', factor: 32, beta_fast: 32, beta_slow: 1, original_max_position_embeddings: 4096, truncate },
      }).rope
    expect(plan(false)).toEqual(plan(true))
  })
})

describe('the text models of those that also see', () => {
  const text = { ...SIZES, rope_theta: 5e6 }
  const wrapped = (model_type: string, text_config: object, more: object = {}) =>
    describeDecoder({ model_type, text_config, ...more }, 'config.json')

  it.each([
    ['qwen3_vl', 'qwen3_vl_text', 'qwen3'],
    ['qwen2_5_vl', 'qwen2_5_vl_text', 'qwen2'],
    ['mistral3', 'mistral', 'mistral'],
    ['pixtral', undefined, 'llama'],
  ])('are described as without a tower (%s)', (wrapper, model_type, family) => {
    const { places, modelType, ...rest } = wrapped(
      wrapper,
      { ...text, ...(model_type !== undefined && { model_type }) },
      { vision_config: {}, image_token_id: 3 },
    )
    const { places: _, modelType: __, ...plain } = describeConfig(family, { rope_theta: 5e6 })
    expect(rest).toEqual(plain)
    expect([modelType, places.map(({ prefix }) => prefix)]).toEqual([wrapper, ['language_model.model.', 'model.language_model.', 'model.']])
  })

  it('stand in the config itself in older models', () => {
    expect(describeDecoder({ ...text, model_type: 'qwen2_vl', vision_config: {} }, 'config.json').rope).toEqual(
      describeConfig('qwen2', { rope_theta: 5e6 }).rope,
    )
  })

  it('take a tied head from the whole, where they say nothing of it', () => {
    expect(wrapped('qwen3_vl', text, { tie_word_embeddings: true }).isHeadTied).toBe(true)
    expect(wrapped('qwen3_vl', { ...text, tie_word_embeddings: false }, { tie_word_embeddings: true }).isHeadTied).toBe(false)
  })

  it('are refused by name where nobody knows their kind, and where their keys mean something else', () => {
    expect(() => wrapped('mistral3', { ...text, model_type: 'mistral9' })).toThrow(
      refusal('model-unsupported', 'a text_config of the model_type mistral9'),
    )
    expect(() => wrapped('qwen3_vl', { ...text, attn_logit_softcapping: 30 })).toThrow(
      refusal('model-unsupported', 'attn_logit_softcapping'),
    )
    expect(() => wrapped('qwen3_vl', { hidden_size: 64 })).toThrow(refusal('model-damaged', 'num_hidden_layers'))
  })
})

describe('what other families must refuse is read', () => {
  const describeSizes = (model_type: string, more: object) => describeDecoder({ ...SIZES, model_type, ...more }, 'config.json')

  it('of SmolLM 3: layers in which positions do not turn', () => {
    const ropes = (more: object) => describeSizes('smollm3', more).layerAttention.map(({ rope }) => rope)
    expect(ropes({ no_rope_layers: [1, 0, 1, 0] })).toEqual([undefined, null, undefined, null])
    expect(ropes({ no_rope_layers: null })).toEqual([undefined, undefined, undefined, null])
    expect(ropes({ no_rope_layer_interval: 2 })).toEqual([undefined, null, undefined, null])
    expect(() => ropes({ no_rope_layers: [1] })).toThrow(refusal('model-damaged', 'no_rope_layers does not name every layer'))
  })

  it('of Granite, Cohere 2 and Gemma 2: factors and caps', () => {
    const granite = describeSizes('granite', {
      embedding_multiplier: 12,
      attention_multiplier: 0.5,
      residual_multiplier: 0.2,
      logits_scaling: 8,
    })
    expect(granite).toMatchObject({ embeddingScale: 12, attentionScale: 0.5, residualScale: 0.2, logitScale: 1 / 8 })
    expect(describeSizes('cohere2', { logit_scale: 0.5 })).toMatchObject({
      logitScale: 0.5,
      isParallel: true,
      windowTokens: [4096, 4096, 4096, 0],
    })
    expect(describeSizes('gemma2', { attn_logit_softcapping: 20, final_logit_softcapping: 10 })).toMatchObject({
      softCap: 20,
      logitCap: 10,
    })
    for (const family of ['granite', 'gemma2', 'smollm3'])
      expect(() => describeSizes(family, { logit_scale: 0.5 })).toThrow(refusal('model-unsupported', 'logit_scale'))
  })

  it('of MiniMax and Qwen 2 with experts: what they cannot do is refused by name', () => {
    const minimax = { num_local_experts: 8, num_experts_per_tok: 2 }
    expect(() => describeSizes('minimax', { ...minimax, qk_norm_type: 'per_head' })).toThrow(refusal('model-unsupported', 'qk_norm_type'))
    expect(() => describeSizes('minimax', { ...minimax, shared_intermediate_size: 64 })).toThrow(/shared_intermediate_size/)
  })
})

describe('Experts whose rounded scores are equal', () => {
  // As mlx-lm 0.32.2 partitions scores: of qwen2_moe by falling ones, of qwen3_moe by rising ones.
  it.each([
    ['qwen2_moe', true],
    ['mixtral', true],
    ['olmoe', true],
    ['qwen3_moe', undefined],
    ['gpt_oss', undefined],
  ])('are chosen as by mlx-lm: %s', (family, isBestFirst) => {
    const routers = describeConfig(family).feedForward.flatMap(({ experts }) => (experts ? [experts.router] : []))
    expect(routers.length).toBeGreaterThan(0)
    expect(routers.every((router) => router.isBestFirst === isBestFirst)).toBe(true)
  })
})
