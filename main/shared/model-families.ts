/** The values of `model_type` in config.json that the engine runs; `native/family` describes each. */
export const MODEL_FAMILIES: readonly string[] = [
  'deepseek_v3',
  'gemma3',
  'gemma3_text',
  'glm4_moe',
  'gpt_oss',
  'kimi_k2',
  'llama',
  'mistral',
  'mixtral',
  'phi3',
  'qwen2',
  'qwen3',
  'qwen3_moe',
]
