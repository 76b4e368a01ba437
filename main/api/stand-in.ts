import type { ModelsPort } from './api-dependencies.ts'
import { isNamed } from './is-named.ts'

/** Names of cloud models, which programs that were written for the cloud ask for. GPT-OSS is not one of them. */
const CLOUD_NAME = /^((openai|anthropic|google|models)\/)?(chatgpt-|gpt-(?!oss)|claude-|codex-|o[1345](-|$)|gemini-)/i

const DEFAULT_NAME = /^default(:latest)?$/

/**
 * The model that answers for a name that no model here has: the one that the user's alias names or, for 'default' and the
 * names of cloud models, the only one that is loaded. Null: nothing stands in.
 */
export async function standInFor(name: string, models: ModelsPort, withCloudNames: boolean): Promise<string | null> {
  const alias = await models.alias(name.replace(/:latest$/, ''))
  if (alias !== null) return alias
  if (!DEFAULT_NAME.test(name) && !(withCloudNames && CLOUD_NAME.test(name))) return null
  const listed = await models.list()
  if (listed.some((model) => isNamed(model, name))) return null
  const loaded = listed.filter((model) => model.loaded && !model.derived)
  return loaded.length === 1 ? (loaded[0]?.modelId ?? null) : null
}
