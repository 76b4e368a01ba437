import { ApiError } from '../api-error.ts'
import type { InstanceView } from '../../shared/cluster-view.ts'
import type { ApiContext } from '../api-server.ts'
import { modelNamed, weightsOf } from '../models/model-named.ts'

/** How long an unload waits to learn that the model has nothing to do. */
const COUNTS_LIMIT_MS = 3_000
const COUNTS_STEP_MS = 100

export interface KeptModel {
  /** The name given by the client. */
  readonly model: string
  /** 0: unload it. Undefined: not set in the request. */
  readonly keepMs: number | null | undefined
  readonly contextTokens: number | null
}

/**
 * Loads a model and waits until it is loaded, or unloads it. A model that is loaded or being loaded is not placed
 * again. A model at work is unloaded when it has answered.
 *
 * @throws AppError `model-not-found` and other errors of placement
 */
export async function keepModel(
  { models, cluster, timers, answersOf }: Pick<ApiContext, 'models' | 'cluster' | 'timers' | 'answersOf'>,
  { model, keepMs, contextTokens }: KeptModel,
  signal: AbortSignal,
): Promise<'load' | 'unload'> {
  const listed = await modelNamed(models, model)
  const modelId = weightsOf(listed) ?? model
  if (keepMs !== 0) {
    await cluster.loadModel({ model: modelId, contextTokens }, signal)
    return 'load'
  }
  const instances = (): [string, InstanceView][] =>
    Object.entries<InstanceView>(cluster.state().instances).filter(([, instance]) => instance.modelId === modelId)
  if (!listed && instances().length === 0) throw new ApiError(404, 'model_not_found', `model '${model}' not found`, { param: 'model' })
  // The instances' counts are those of the last second, and those of this node's clients are exact.
  const names = new Set([model, modelId, ...(listed?.aliases ?? [])])
  const isBusy = ([, { running = 0, waiting = 0 }]: [string, InstanceView]): boolean => running + waiting + answersOf(names) > 0
  const giveUpAtMs = timers.now() + COUNTS_LIMIT_MS
  while (instances().some(isBusy) && timers.now() < giveUpAtMs) await timers.sleep(COUNTS_STEP_MS, signal)
  // Those still at work go once they are idle, because this request keeps them for no time.
  const idle = instances().filter((entry) => !isBusy(entry))
  await Promise.all(idle.map(([instanceId]) => cluster.deleteInstance(instanceId)))
  return 'unload'
}
