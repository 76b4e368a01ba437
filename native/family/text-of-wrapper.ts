/** Multimodal models by `model_type`, with the family of their text model if `text_config` names no known family. */
export const WRAPPED_TEXTS: Readonly<Record<string, string>> = {
  deepseek_v41: 'deepseek_v41',
  kimi_k25: 'deepseek_v3',
  kimi_k3: 'kimi_k3',
  kimi_vl: 'deepseek_v3',
  llava: 'llama',
  minimax_m3_vl: 'minimax_m3',
  mistral3: 'llama',
  pixtral: 'llama',
  qwen2_5_vl: 'qwen2',
  qwen2_vl: 'qwen2',
  qwen3_5: 'qwen3_5_text',
  qwen3_5_moe: 'qwen3_5_moe_text',
  qwen3_vl: 'qwen3',
  qwen3_vl_moe: 'qwen3_moe',
}

/** Types of text models that mean another model without their wrapper. */
const OWN_TYPES: Readonly<Record<string, string>> = { kimi_k3: 'kimi_linear' }

/** Whether a text model has no type, or one that exists only inside its wrapper (`qwen3_vl_text`). */
export function isOwnTextType(wrapper: string, stated: unknown): boolean {
  return stated === undefined || stated === `${wrapper}_text` || stated === WRAPPED_TEXTS[wrapper] || stated === OWN_TYPES[wrapper]
}

type Config = Readonly<Record<string, unknown>>

/** The text model's config inside a wrapper's: `text_config`, or in older models the whole config. */
export function textConfigOf(config: Config): Config {
  const text = config['text_config']
  return typeof text === 'object' && text !== null && !Array.isArray(text) ? (text as Config) : config
}
