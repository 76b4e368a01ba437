import type { ModelsPort } from '../api-dependencies.ts'
import { isNamed } from './is-named.ts'

/** Names of cloud models, which programs that were written for the cloud ask for. GPT-OSS is not one of them. */
const CLOUD_NAME = /^((openai|anthropic|google|models)\/)?(chatgpt-|gpt-(?!oss)|claude-|codex-|o[1345](-|$)|gemini-)/i

/** Names of providers that programs put before a model's own name. */
const PROVIDER = /^(openai|anthropic|ollama|ollama_chat|lm_studio|litellm|litellm_proxy|hosted_vllm|vllm|openrouter|exo)\//i
const DEFAULT_NAME = /^default(:latest)?$/

/**
 * The model that answers for a name that no model here has: the one that the user's alias names, the one that is named after a
 * provider or, for 'default' and the names of cloud models, the only one that is loaded. Null: nothing stands in.
 */
export async function standInFor(name: string, models: ModelsPort, withCloudNames: boolean): Promise<string | null> {
  const alias = await models.alias(name.replace(/:latest$/, ''))
  if (alias !== null) return alias
  const own = name.replace(PROVIDER, '')
  if (own === name && !DEFAULT_NAME.test(name) && !(withCloudNames && CLOUD_NAME.test(name))) return null
  const listed = await models.list()
  if (listed.some((model) => isNamed(model, name))) return null
  const named = own === name ? undefined : ((await models.alias(own)) ?? listed.find((model) => isNamed(model, own))?.modelId)
  if (named !== undefined) return named
  if (!DEFAULT_NAME.test(own) && !(withCloudNames && CLOUD_NAME.test(name))) return null
  const loaded = listed.filter((model) => model.loaded && !model.derived)
  return loaded.length === 1 ? (loaded[0]?.modelId ?? null) : null
}
