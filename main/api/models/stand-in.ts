import { ownName } from '../../shared/models/own-name.ts'
import { isCloudName, isDefaultName } from '../../shared/models/general-names.ts'
import type { ModelsPort } from '../api-dependencies.ts'
import { isNamed } from './is-named.ts'

/**
 * The model that answers for a name that matches no model here: the one that the user's alias names, the one after a
 * provider's name, the one of an Ollama tag, or, for 'default' and the names of cloud models, the only one that is loaded. Null: none.
 */
export async function standInFor(name: string, models: ModelsPort, withCloudNames: boolean): Promise<string | null> {
  const alias = await models.alias(name.replace(/:latest$/, ''))
  if (alias !== null) return alias
  const own = ownName(name)
  if (own === name && !isDefaultName(name) && !(withCloudNames && isCloudName(name))) return null
  const listed = await models.list()
  if (listed.some((model) => isNamed(model, name))) return null
  const named = own === name ? undefined : ((await models.alias(own)) ?? listed.find((model) => isNamed(model, own))?.modelId)
  if (named !== undefined) return named
  if (!isDefaultName(own) && !(withCloudNames && isCloudName(name))) return null
  const loaded = listed.filter((model) => model.loaded && !model.derived)
  return loaded.length === 1 ? (loaded[0]?.modelId ?? null) : null
}
