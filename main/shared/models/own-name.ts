/** Provider names that programs put before a model's name. */
const PROVIDER = /^(openai|anthropic|ollama|ollama_chat|lm_studio|litellm|litellm_proxy|hosted_vllm|vllm|openrouter|exo)\//i

/** A model's name without what other programs add. Ollama's name of a size, such as `qwen3:0.6b`, is an alias with a hyphen here. */
export const ownName = (name: string): string =>
  name
    .replace(PROVIDER, '')
    .replace(/:latest$/, '')
    .replace(':', '-')
