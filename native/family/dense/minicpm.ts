import { z } from 'zod'
import { DenseConfig, describeDense } from '../dense-config.ts'
import { defineFamily } from '../family.ts'
import { planRopes } from '../parts/rope-settings.ts'

/** MiniCPM: Llama with factors on the embedding, on the outputs of both halves of a layer, and on what the head reads. */
export const miniCpm = defineFamily({
  modelTypes: ['minicpm'],
  reads: ['scale_emb', 'scale_depth'],
  schema: DenseConfig.extend({ dim_model_base: z.int().min(1), scale_depth: z.number(), scale_emb: z.number() }),
  describe(config) {
    const dense = describeDense({ ...config, head_dim: null })
    const isTied = config.tie_word_embeddings ?? false
    return {
      ...dense,
      ...planRopes(config, 1_000_000, { dims: dense.headDim, isInterleaved: config.rope_traditional ?? false }),
      embeddingScale: config.scale_emb,
      residualScale: config.scale_depth / Math.sqrt(config.num_hidden_layers),
      // A head that is the embedding reads the unscaled state.
      logitScale: isTied ? 1 : config.dim_model_base / config.hidden_size,
      isHeadTied: isTied,
    }
  },
})
