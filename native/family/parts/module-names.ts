import type { AttentionModules, LayerNorms, ModulePlace } from '../family.ts'

/** As most models have them. */
export const PLAIN_PLACE: ModulePlace = { prefix: 'model.', embedding: 'model.embed_tokens', head: 'lm_head' }

export const PLAIN_NORMS: LayerNorms = {
  input: 'input_layernorm',
  attentionOutput: null,
  feedForward: 'post_attention_layernorm',
  feedForwardOutput: null,
}

export const PLAIN_ATTENTION: AttentionModules = {
  queryKeyValue: ['self_attn.q_proj', 'self_attn.k_proj', 'self_attn.v_proj'],
  output: 'self_attn.o_proj',
  queryNorm: 'self_attn.q_norm',
  keyNorm: 'self_attn.k_norm',
  sinks: 'self_attn.sinks',
  gate: 'self_attn.g_proj',
}

/** Where a model that also sees or hears keeps its text model: as mlx-lm converts it, and as the original checkpoints have it. */
export const WRAPPED_PLACES: readonly [ModulePlace, ...ModulePlace[]] = [
  { prefix: 'language_model.model.', embedding: 'language_model.model.embed_tokens', head: 'language_model.lm_head' },
  { prefix: 'model.language_model.', embedding: 'model.language_model.embed_tokens', head: 'lm_head' },
  PLAIN_PLACE,
]
