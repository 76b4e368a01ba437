import { z } from 'zod'
import { planRope } from '../../plan/rope-plan.ts'
import { RopeConfig, ropeOf } from '../parts/rope-settings.ts'
import { windowedLayers } from '../parts/layer-windows.ts'
import { defineEncoder, isClassifierConfig, readActivation } from './encoder-family.ts'

const Size = z.int().min(1)

const ModernBertConfig = z.object({
  model_type: z.string(),
  architectures: z.array(z.string()).nullish(),
  hidden_size: Size,
  num_hidden_layers: Size,
  num_attention_heads: Size,
  intermediate_size: Size,
  vocab_size: Size,
  norm_eps: z.number().min(0).default(1e-5),
  hidden_activation: z.string().default('gelu'),
  ...RopeConfig.shape,
  global_rope_theta: z.number().gt(0).default(160_000),
  local_rope_theta: z.number().gt(0).nullish(),
  global_attn_every_n_layers: Size.default(3),
  /** The width of a window, both sides together. */
  local_attention: z.int().min(1).default(128),
  layer_types: z.array(z.string()).nullish(),
  classifier_pooling: z.enum(['cls', 'mean']).default('cls'),
  classifier_activation: z.string().default('gelu'),
})

/** ModernBERT: rotary positions, and windows in most layers. */
export const modernBert = defineEncoder({
  modelTypes: ['modernbert'],
  schema: ModernBertConfig,
  describe(config) {
    const headDim = config.hidden_size / config.num_attention_heads
    const isWindowed = windowedLayers(config)
    const rope = (theta: number, kind: 'full_attention' | 'sliding_attention') =>
      planRope({ ...ropeOf({ ...config, rope_theta: null }, theta, kind), dims: headDim, isInterleaved: false })
    return {
      modelType: config.model_type,
      hiddenSize: config.hidden_size,
      layers: config.num_hidden_layers,
      heads: config.num_attention_heads,
      kvHeads: config.num_attention_heads,
      headDim,
      vocabSize: config.vocab_size,
      attentionScale: headDim ** -0.5,
      slopes: new Float32Array(),
      normEpsilon: config.norm_eps,
      normOffset: 0,
      isLayerNorm: true,
      prefixes: ['', 'model.'],
      embedding: 'embeddings.tok_embeddings',
      embeddingScale: 1,
      positions: null,
      segments: null,
      embeddingNorm: 'embeddings.norm',
      finalNorm: 'final_norm',
      ropes: [
        rope(config.global_rope_theta, 'full_attention'),
        rope(config.local_rope_theta ?? config.global_rope_theta, 'sliding_attention'),
      ],
      layer: (index) => `layers.${index}.`,
      attention: Array.from({ length: config.num_hidden_layers }, (_, index) =>
        (isWindowed?.[index] ?? index % config.global_attn_every_n_layers !== 0)
          ? { rope: 1, windowTokens: Math.floor(config.local_attention / 2) }
          : { rope: 0, windowTokens: -1 },
      ),
      modules: {
        attentionNorm: 'attn_norm',
        isFirstAttentionNormLeftOut: true,
        queryKeyValue: ['attn.Wqkv'],
        queryNorm: null,
        keyNorm: null,
        attentionOutput: 'attn.Wo',
        attentionOutputNorm: null,
        attentionSumNorm: null,
        feedForwardNorm: 'mlp_norm',
        up: ['mlp.Wi'],
        isGated: true,
        down: 'mlp.Wo',
        feedForwardOutputNorm: null,
        feedForwardSumNorm: null,
      },
      inner: { size: config.intermediate_size, activation: readActivation('hidden_activation', config.hidden_activation) },
      classifier: isClassifierConfig(config)
        ? {
            layers: [
              {
                module: 'head.dense',
                isWithin: false,
                activation: readActivation('classifier_activation', config.classifier_activation),
                norm: 'head.norm',
                outputs: config.hidden_size,
              },
              { module: 'classifier', isWithin: false, activation: 'none', norm: null, outputs: null },
            ],
            isMean: config.classifier_pooling === 'mean',
          }
        : null,
    }
  },
})
