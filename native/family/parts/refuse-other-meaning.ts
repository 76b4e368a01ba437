import { NativeError } from '../../native-error.ts'

type Config = Readonly<Record<string, unknown>>

const SILU = ['silu', 'swish']
const GELU_TANH = ['gelu_pytorch_tanh', 'gelu_tanh', 'gelu_new']
/** Factors that the decoder does not apply. */
const FACTORS = [
  'embedding_multiplier',
  'residual_multiplier',
  'attention_multiplier',
  'logits_scaling',
  'logit_scale',
  'scale_emb',
  'scale_depth',
]
/** Switches for features that the decoder does not have. */
const SWITCHES = [
  'is_encoder_decoder',
  'add_cross_attention',
  'use_bidirectional_attention',
  'alibi',
  'parallel_attn',
  'use_parallel_residual',
]
/** Limits that the decoder does not apply. */
const LIMITS = ['attn_logit_softcapping', 'final_logit_softcapping', 'clip_qkv']
export const QUERY_KEY_NORMS = ['qk_norm', 'use_qk_norm', 'qk_layernorm']
const GPT_OSS_LIMIT = 7

/**
 * Refuses keys of config.json whose effect a family's decoder would ignore. Keys that describe how a model was trained or
 * its name are not read.
 *
 * @param config - without nulls
 * @param reads - keys that this family supports
 * @throws NativeError `model-unsupported`
 */
export function refuseOtherMeaning(modelType: string, config: Config, reads: readonly string[] = []): void {
  const refuse = (key: string, why = ''): never => {
    throw new NativeError(
      'model-unsupported',
      `config.json: ${modelType} models with ${key} ${JSON.stringify(config[key])} are not supported${why}.`,
      { key, value: config[key] },
    )
  }
  const isGemma = modelType.startsWith('gemma')
  // Gemma's old key names a different function from the one that runs.
  const [activationKey, activations] = isGemma ? ['hidden_activation', GELU_TANH] : ['hidden_act', SILU]
  const activation = config[activationKey]
  const isUnread = (key: string) => !reads.includes(key)
  if (isUnread(activationKey) && activation !== undefined && !activations?.includes(activation as string))
    refuse(activationKey, `; supported: ${activations?.[0]}`)
  for (const key of FACTORS.filter(isUnread)) if (config[key] !== undefined && config[key] !== 1) refuse(key)
  for (const key of SWITCHES.filter(isUnread)) if (config[key] === true) refuse(key)
  for (const key of LIMITS.filter(isUnread)) if (config[key] != null && config[key] !== 0) refuse(key)
  for (const key of QUERY_KEY_NORMS.filter(isUnread)) if (config[key] === true) refuse(key)
  if (isUnread('no_rope_layers') && Array.isArray(config['no_rope_layers']) && config['no_rope_layers'].includes(0))
    refuse('no_rope_layers')
  if (modelType === 'gpt_oss' && config['swiglu_limit'] !== undefined && config['swiglu_limit'] !== GPT_OSS_LIMIT)
    refuse('swiglu_limit', `; supported: ${GPT_OSS_LIMIT}`)
}
