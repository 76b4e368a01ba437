import type { ModelId } from '../../shared/ids.ts'
import type { ModelStore } from './model-store.ts'
import { listPartialModels } from './partial-models.ts'
import { removeFolder } from './remove-folder.ts'

export interface ModelPlaces {
  readonly store: ModelStore
  /** Of the node, with the parts that it holds. */
  readonly dataDir: string
  readonly hubCacheDir: string
}

/**
 * Deletes all that this program brought of a model: the whole, its parts for shards, and downloads that were not ended.
 *
 * @param name - as `resolve` takes it; of a model that is damaged or here only in part, the id
 * @param refuseInUse - throws where the model is needed
 * @throws AppError `model-not-found` | `model-not-ours`, and what `refuseInUse` throws
 */
export async function removeModel(
  { store, dataDir, hubCacheDir }: ModelPlaces,
  name: string,
  refuseInUse: (modelId: ModelId) => Promise<void>,
): Promise<ModelId> {
  const { models, damaged } = await store.list()
  const whole = [...models, ...damaged].map(({ modelId }) => modelId)
  const partial = await listPartialModels(dataDir, hubCacheDir)
  const modelId = [...whole, ...partial.map((part) => part.modelId)].find((id) => id === name) ?? (await store.resolve(name)).modelId
  await refuseInUse(modelId)
  const parts = partial.filter((part) => part.modelId === modelId)
  for (const { dir } of parts) await removeFolder(dir)
  if (parts.length === 0 || whole.includes(modelId)) await store.remove(modelId)
  return modelId
}
