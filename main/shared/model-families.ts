/** The values of `model_type` in config.json that the engine runs; `native/family` describes each. */
export const MODEL_FAMILIES: readonly string[] = ['glm4_moe', 'llama', 'mistral', 'mixtral', 'phi3', 'qwen2', 'qwen3', 'qwen3_moe']
