import type { ModelId } from '../../shared/ids.ts'
import type { ModelStore } from './model-store.ts'
import { listPartialModels } from './partial-models.ts'
import { removeFolder } from './remove-folder.ts'

export interface ModelPlaces {
  readonly store: ModelStore
  /** The node's data folder, which contains the parts that it holds. */
  readonly dataDir: string
  readonly hubCacheDir: string
}

/**
 * Deletes everything that this program fetched of a model: the complete model, its parts for shards, and unfinished
 * downloads.
 *
 * @param name - a name that `resolve` accepts; for a damaged or partial model, its id
 * @param refuseInUse - throws if the model is in use
 * @throws AppError `model-not-found` | `model-not-ours`, and the error of `refuseInUse`
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
