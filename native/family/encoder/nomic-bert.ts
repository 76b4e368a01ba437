import { z } from 'zod'
import { planRope } from '../../plan/rope-plan.ts'
import { defineEncoder, readActivation, refuseKey } from './encoder-family.ts'

const Size = z.int().min(1)

const NomicBertConfig = z.object({
  model_type: z.string(),
  n_embd: Size,
  n_layer: Size,
  n_head: Size,
  n_inner: Size.nullish(),
  vocab_size: Size,
  type_vocab_size: z.int().min(0).default(2),
  layer_norm_epsilon: z.number().min(0).default(1e-12),
  activation_function: z.string().default('swiglu'),
  rotary_emb_base: z.number().gt(0).default(10_000),
  rotary_emb_fraction: z.number().min(0).max(1).default(1),
  rotary_emb_interleaved: z.boolean().default(false),
  rotary_emb_scale_base: z.number().nullish(),
  prenorm: z.boolean().default(false),
  causal: z.boolean().default(false),
  parallel_block: z.boolean().default(false),
  use_rms_norm: z.boolean().nullish(),
  num_experts: z.int().nullish(),
})

/** Nomic's BERT: rotary positions and a gate. */
export const nomicBert = defineEncoder({
  modelTypes: ['nomic_bert'],
  schema: NomicBertConfig,
  describe(config) {
    for (const key of ['prenorm', 'causal', 'parallel_block', 'use_rms_norm'] as const) if (config[key]) refuseKey(key, true)
    if ((config.num_experts ?? 0) > 0) refuseKey('num_experts', config.num_experts)
    if (config.rotary_emb_fraction === 0) refuseKey('rotary_emb_fraction', 0)
    if (config.rotary_emb_scale_base != null) refuseKey('rotary_emb_scale_base', config.rotary_emb_scale_base)
    const headDim = config.n_embd / config.n_head
    const dims = 2 * Math.floor((headDim * config.rotary_emb_fraction) / 2)
    const isGated = config.activation_function.endsWith('glu')
    return {
      modelType: config.model_type,
      hiddenSize: config.n_embd,
      layers: config.n_layer,
      heads: config.n_head,
      kvHeads: config.n_head,
      headDim,
      vocabSize: config.vocab_size,
      attentionScale: headDim ** -0.5,
      slopes: new Float32Array(),
      normEpsilon: config.layer_norm_epsilon,
      normOffset: 0,
      isLayerNorm: true,
      prefixes: ['', 'bert.'],
      embedding: 'embeddings.word_embeddings',
      embeddingScale: 1,
      positions: null,
      segments: config.type_vocab_size > 0 ? { module: 'embeddings.token_type_embeddings', rows: config.type_vocab_size } : null,
      embeddingNorm: 'emb_ln',
      finalNorm: null,
      ropes: [planRope({ theta: config.rotary_emb_base, scaling: null, dims, isInterleaved: config.rotary_emb_interleaved })],
      layer: (index) => `encoder.layers.${index}.`,
      attention: Array.from({ length: config.n_layer }, () => ({ rope: 0, windowTokens: -1 })),
      modules: {
        attentionNorm: null,
        queryKeyValue: ['attn.Wqkv'],
        queryNorm: null,
        keyNorm: null,
        attentionOutput: 'attn.out_proj',
        attentionOutputNorm: null,
        attentionSumNorm: 'norm1',
        feedForwardNorm: null,
        up: isGated ? ['mlp.fc12', 'mlp.fc11'] : ['mlp.fc1'],
        isGated,
        down: 'mlp.fc2',
        feedForwardOutputNorm: null,
        feedForwardSumNorm: 'norm2',
      },
      inner: { size: config.n_inner ?? 4 * config.n_embd, activation: readActivation('activation_function', config.activation_function) },
      classifier: null,
    }
  },
})
