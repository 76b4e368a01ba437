/** The values of `model_type` in config.json that the engine runs; `native/family` describes each. */
export const MODEL_FAMILIES: readonly string[] = [
  'bailing_moe', 'bailing_moe_v2', 'deepseek_v3', 'dots1', 'ernie4_5', 'gemma3', 'gemma3_text', 'glm', 'glm4', 'glm4_moe',
  'glm4_moe_lite', 'gpt_oss', 'internlm3', 'iquestcoder', 'joyai_llm_flash', 'kimi_k2', 'kimi_k25', 'kimi_vl', 'llama', 'llava', 'mimo',
  'mistral', 'mistral3', 'mixtral', 'phi3', 'pixtral', 'qwen2', 'qwen2_5_vl', 'qwen2_vl', 'qwen3', 'qwen3_moe', 'qwen3_vl',
  'qwen3_vl_moe', 'seed_oss', 'solar_open', 'telechat3', 'xverse', 'youtu_llm',
]
