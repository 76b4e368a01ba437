import { ApiError } from '../api-error.ts'
import type { ApiContext } from '../api-server.ts'
import { modelNamed, weightsOf } from '../models/model-named.ts'

export interface KeptModel {
  /** The name given by the client. */
  readonly model: string
  /** 0: unload it. Undefined: not set in the request. */
  readonly keepMs: number | null | undefined
  readonly contextTokens: number | null
}

/**
 * Loads a model and waits until it is loaded, or unloads it. A model that is loaded or being loaded is not placed
 * again.
 *
 * @throws AppError `model-not-found` and other errors of placement
 */
export async function keepModel(
  { models, cluster }: Pick<ApiContext, 'models' | 'cluster'>,
  { model, keepMs, contextTokens }: KeptModel,
  signal: AbortSignal,
): Promise<'load' | 'unload'> {
  const listed = await modelNamed(models, model)
  const modelId = weightsOf(listed) ?? model
  if (keepMs !== 0) {
    await cluster.loadModel({ model: modelId, contextTokens }, signal)
    return 'load'
  }
  const loaded = Object.entries(cluster.state().instances).filter(([, instance]) => instance.modelId === modelId)
  if (!listed && loaded.length === 0) throw new ApiError(404, 'model_not_found', `model '${model}' not found`, { param: 'model' })
  await Promise.all(loaded.map(([instanceId]) => cluster.deleteInstance(instanceId)))
  return 'unload'
}
