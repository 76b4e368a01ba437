import { errorCode } from '../../shared/app-error.ts'
import { ApiError } from '../api-error.ts'
import type { ApiContext } from '../api-server.ts'
import { modelNamed } from '../models/model-named.ts'

const UNLOADED_WITHIN_MS = 10_000
const LOOK_AGAIN_MS = 200

/**
 * Deletes a model like Ollama does: a loaded model is unloaded first.
 *
 * @throws ApiError 404; AppError `model-not-ours` | `model-in-use`
 */
export async function deleteModel(
  { models, cluster, timers }: Pick<ApiContext, 'models' | 'cluster' | 'timers'>,
  name: string,
): Promise<void> {
  const model = await modelNamed(models, name)
  if (model?.derived) return void (await models.remove(name))
  if (!model) throw new ApiError(404, 'model_not_found', `model '${name}' not found`, { param: 'model' })
  const isLoaded = ([, instance]: [string, { modelId: string }]): boolean => instance.modelId === model.modelId
  await Promise.all(
    Object.entries(cluster.state().instances)
      .filter(isLoaded)
      .map(([instanceId]) => cluster.deleteInstance(instanceId)),
  )
  const giveUpAtMs = timers.now() + UNLOADED_WITHIN_MS
  for (;;) {
    try {
      return void (await models.remove(model.modelId))
    } catch (error) {
      if (errorCode(error) !== 'model-in-use' || timers.now() > giveUpAtMs) throw error
    }
    await timers.sleep(LOOK_AGAIN_MS)
  }
}
