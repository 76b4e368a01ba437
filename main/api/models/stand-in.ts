import type { ModelCapability } from '../../shared/models/model-capability.ts'
import { ownName } from '../../shared/models/own-name.ts'
import { isCloudName, isDefaultName } from '../../shared/models/general-names.ts'
import type { ListedModel, ModelsPort } from '../api-dependencies.ts'
import { isNamed } from './is-named.ts'
import { modelCapabilities } from './model-capabilities.ts'

/**
 * The model that answers for a name that matches no model here: the one that the user's alias names, the one after a
 * provider's name, the one of an Ollama tag, or, for 'default' and the names of cloud models, the only loaded one that does
 * what the request needs. Null: none.
 */
export async function standInFor(
  name: string,
  models: ModelsPort,
  withCloudNames: boolean,
  needs: ModelCapability = 'completion',
): Promise<string | null> {
  const alias = await models.alias(name.replace(/:latest$/, ''))
  if (alias !== null) return alias
  const own = ownName(name)
  if (own === name && !isDefaultName(name) && !(withCloudNames && isCloudName(name))) return null
  const listed = await models.list()
  if (listed.some((model) => isNamed(model, name))) return null
  const named = own === name ? undefined : ((await models.alias(own)) ?? listed.find((model) => isNamed(model, own))?.modelId)
  if (named !== undefined) return named
  if (!isDefaultName(own) && !(withCloudNames && isCloudName(name))) return null
  const able = ableTo(
    needs,
    listed.filter((model) => model.loaded && !model.derived),
  )
  return able.length === 1 ? (able[0]?.modelId ?? null) : null
}

/** A model that generates text also makes embeddings, if none is loaded that was made for them. */
function ableTo(needs: ModelCapability, loaded: readonly ListedModel[]): readonly ListedModel[] {
  const able = loaded.filter((model) => modelCapabilities(model).includes(needs))
  return able.length === 0 && needs === 'embedding' ? ableTo('completion', loaded) : able
}
