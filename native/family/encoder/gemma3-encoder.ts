import { z } from 'zod'
import { gemma3Text } from '../gemma3.ts'
import { defineEncoder } from './encoder-family.ts'

/** Gemma 3 as an encoder (EmbeddingGemma): the decoder's layers, whose tokens see those on both sides. */
export const gemma3Encoder = defineEncoder({
  modelTypes: ['gemma3_text'],
  schema: gemma3Text.schema.and(z.object({ use_bidirectional_attention: z.literal(true) })),
  describe(config) {
    const decoder = gemma3Text.describe(config)
    const { norms, attentionModules } = decoder
    return {
      modelType: decoder.modelType,
      hiddenSize: decoder.hiddenSize,
      layers: decoder.layers,
      heads: decoder.heads,
      kvHeads: decoder.kvHeads,
      headDim: decoder.headDim,
      vocabSize: decoder.vocabSize,
      attentionScale: decoder.attentionScale,
      slopes: new Float32Array(),
      normEpsilon: decoder.normEpsilon,
      normOffset: decoder.normOffset,
      isLayerNorm: false,
      prefixes: ['', 'model.'],
      embedding: 'embed_tokens',
      embeddingScale: Math.sqrt(decoder.hiddenSize),
      roundedEmbeddingScale: decoder.embeddingScale,
      positions: null,
      segments: null,
      embeddingNorm: null,
      finalNorm: 'norm',
      ropes: [decoder.rope, decoder.windowRope ?? decoder.rope],
      layer: (index) => `layers.${index}.`,
      // The window of the config reaches half of its width to either side.
      attention: decoder.windowTokens.map((window) =>
        window > 0 ? { rope: 1, windowTokens: Math.floor(window / 2) } : { rope: 0, windowTokens: -1 },
      ),
      modules: {
        attentionNorm: norms.input,
        queryKeyValue: attentionModules.queryKeyValue,
        queryNorm: attentionModules.queryNorm,
        keyNorm: attentionModules.keyNorm,
        attentionOutput: attentionModules.output,
        attentionOutputNorm: norms.attentionOutput,
        attentionSumNorm: null,
        feedForwardNorm: norms.feedForward,
        up: ['mlp.gate_proj', 'mlp.up_proj'],
        isGated: true,
        down: 'mlp.down_proj',
        feedForwardOutputNorm: norms.feedForwardOutput,
        feedForwardSumNorm: null,
      },
      inner: { size: config.intermediate_size, activation: 'gelu-tanh' },
      classifier: null,
    }
  },
})
