import type { AttentionModules, LayerNorms, ModulePlace } from '../family.ts'

/** The names in most models. */
export const PLAIN_PLACE: ModulePlace = { prefix: 'model.', embedding: 'model.embed_tokens', head: 'lm_head' }

/** The names in a model that was saved without its head, as embedding models are. */
export const BARE_PLACE: ModulePlace = { prefix: '', embedding: 'embed_tokens', head: 'lm_head' }

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

/** The places of the text model in a multimodal model: in mlx-lm's conversions and in the original checkpoints. */
export const WRAPPED_PLACES: readonly [ModulePlace, ...ModulePlace[]] = [
  { prefix: 'language_model.model.', embedding: 'language_model.model.embed_tokens', head: 'language_model.lm_head' },
  { prefix: 'model.language_model.', embedding: 'model.language_model.embed_tokens', head: 'lm_head' },
  PLAIN_PLACE,
]
