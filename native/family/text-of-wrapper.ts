/** Models that also see or hear, by `model_type`: the family of their text model where `text_config` names none of ours. */
export const WRAPPED_TEXTS: Readonly<Record<string, string>> = {
  kimi_k25: 'deepseek_v3',
  kimi_vl: 'deepseek_v3',
  llava: 'llama',
  mistral3: 'llama',
  pixtral: 'llama',
  qwen2_5_vl: 'qwen2',
  qwen2_vl: 'qwen2',
  qwen3_vl: 'qwen3',
  qwen3_vl_moe: 'qwen3_moe',
}

/** A text model without a name, or with one that stands nowhere else (`qwen3_vl_text`). */
export function isOwnTextType(wrapper: string, stated: unknown): boolean {
  return stated === undefined || stated === `${wrapper}_text` || stated === WRAPPED_TEXTS[wrapper]
}

type Config = Readonly<Record<string, unknown>>

/** The text model's own config within a wrapper's: `text_config`, or in older models the whole. */
export function textConfigOf(config: Config): Config {
  const text = config['text_config']
  return typeof text === 'object' && text !== null && !Array.isArray(text) ? (text as Config) : config
}
