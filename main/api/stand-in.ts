import type { ModelsPort } from './api-dependencies.ts'
import { isNamed } from './is-named.ts'

/** Models of the cloud, which programs ask for that were written for it. GPT-OSS is none of them. */
const CLOUD_NAME = /^((openai|anthropic|google|models)\/)?(chatgpt-|gpt-(?!oss)|claude-|codex-|o[1345](-|$)|gemini-)/i

/**
 * The model that answers for a name which is none of a model here: the one that the user's alias names or, for names of the
 * cloud, the only one that is loaded. Null: nothing stands in.
 */
export async function standInFor(name: string, models: ModelsPort, withCloudNames: boolean): Promise<string | null> {
  const alias = await models.alias(name.replace(/:latest$/, ''))
  if (alias !== null) return alias
  if (!withCloudNames || !CLOUD_NAME.test(name)) return null
  const listed = await models.list()
  if (listed.some((model) => isNamed(model, name))) return null
  const loaded = listed.filter((model) => model.loaded)
  return loaded.length === 1 ? (loaded[0]?.modelId ?? null) : null
}
