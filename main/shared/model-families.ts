/** The values of `model_type` in config.json that the engine runs; `native/engine/model` has a file for each. */
export const MODEL_FAMILIES: readonly string[] = ['llama', 'mistral', 'qwen2', 'qwen3']
