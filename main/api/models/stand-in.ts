import { ownName } from '../../shared/models/own-name.ts'
import type { ModelsPort } from '../api-dependencies.ts'
import { isNamed } from './is-named.ts'

/** Names of cloud models, which programs written for the cloud request. GPT-OSS is not among them. */
const CLOUD_NAME = /^((openai|anthropic|google|models)\/)?(chatgpt-|gpt-(?!oss)|claude-|codex-|o[1345](-|$)|gemini-)/i

const DEFAULT_NAME = /^default(:latest)?$/

/**
 * The model that answers for a name that matches no model here: the one that the user's alias names, the one after a
 * provider's name, the one of an Ollama tag, or, for 'default' and the names of cloud models, the only one that is loaded. Null: none.
 */
export async function standInFor(name: string, models: ModelsPort, withCloudNames: boolean): Promise<string | null> {
  const alias = await models.alias(name.replace(/:latest$/, ''))
  if (alias !== null) return alias
  const own = ownName(name)
  if (own === name && !DEFAULT_NAME.test(name) && !(withCloudNames && CLOUD_NAME.test(name))) return null
  const listed = await models.list()
  if (listed.some((model) => isNamed(model, name))) return null
  const named = own === name ? undefined : ((await models.alias(own)) ?? listed.find((model) => isNamed(model, own))?.modelId)
  if (named !== undefined) return named
  if (!DEFAULT_NAME.test(own) && !(withCloudNames && CLOUD_NAME.test(name))) return null
  const loaded = listed.filter((model) => model.loaded && !model.derived)
  return loaded.length === 1 ? (loaded[0]?.modelId ?? null) : null
}
