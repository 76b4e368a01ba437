import { z } from 'zod'
import { denseFeedForward, type FeedForwardDescription } from './parts/feed-forward.ts'
import type { ModulePlace } from './family.ts'
import { BARE_PLACE, PLAIN_ATTENTION, PLAIN_NORMS, PLAIN_PLACE } from './parts/module-names.ts'
import { RopeConfig } from './parts/rope-settings.ts'

/** The keys of config.json that the dense families share. */
export const DenseConfig = z.object({
  model_type: z.string(),
  hidden_size: z.int().min(1),
  num_hidden_layers: z.int().min(1),
  intermediate_size: z.int().min(1),
  num_attention_heads: z.int().min(1),
  num_key_value_heads: z.int().min(1).nullish(),
  head_dim: z.int().min(1).nullish(),
  vocab_size: z.int().min(1),
  rms_norm_eps: z.number().min(0),
  tie_word_embeddings: z.boolean().nullish(),
  ...RopeConfig.shape,
})
export type DenseConfig = z.infer<typeof DenseConfig>

/** The part of a dense decoder's description that follows from the shared keys. */
export function describeDense(config: DenseConfig) {
  const headDim = config.head_dim ?? Math.floor(config.hidden_size / config.num_attention_heads)
  return {
    modelType: config.model_type,
    hiddenSize: config.hidden_size,
    layers: config.num_hidden_layers,
    heads: config.num_attention_heads,
    kvHeads: config.num_key_value_heads ?? config.num_attention_heads,
    headDim,
    vocabSize: config.vocab_size,
    normEpsilon: config.rms_norm_eps,
    normOffset: 0,
    norms: PLAIN_NORMS,
    embeddingScale: 1,
    places: [PLAIN_PLACE, BARE_PLACE] as readonly [ModulePlace, ...ModulePlace[]],
    attentionModules: PLAIN_ATTENTION,
    windowRope: null,
    windowTokens: new Array<number>(config.num_hidden_layers).fill(0),
    hasQueryKeyValueBias: false,
    hasAttentionOutputBias: false,
    hasQueryKeyNorm: false,
    isRowNormed: false,
    isNormedAfterRotation: false,
    areHeadsNormed: false,
    layerAttention: [],
    areValuesNormed: false,
    valueScale: 1,
    softCap: 0,
    outputGate: 'none' as const,
    layerNorm: null,
    isParallel: false,
    residualScale: 1,
    logitScale: 1,
    logitCap: 0,
    hasHeadBias: false,
    attentionScale: headDim ** -0.5,
    hasAttentionSinks: false,
    latent: null,
    states: [],
    areStatesBeside: false,
    halves: [],
    layerInputs: null,
    layerScale: null,
    residualMixes: null,
    streams: null,
    tokenGroups: null,
    feedForward: sameInEveryLayer(config, denseFeedForward(config.intermediate_size)),
    isHeadTied: config.tie_word_embeddings ?? null,
  }
}

/** Shape [layers]. */
export function sameInEveryLayer(config: DenseConfig, feedForward: FeedForwardDescription): FeedForwardDescription[] {
  return new Array<FeedForwardDescription>(config.num_hidden_layers).fill(feedForward)
}
