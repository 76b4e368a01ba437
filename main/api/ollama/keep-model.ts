import { isNamed } from '../is-named.ts'
import type { ApiContext } from '../api-server.ts'

/** 0 in any of the ways to write a duration; below 0 it means for ever. */
export function isUnload(keepAlive: number | string | null | undefined): boolean {
  return keepAlive === 0 || (typeof keepAlive === 'string' && /^0+(\.0+)?(ns|us|ms|s|m|h)?$/.test(keepAlive.trim()))
}

/**
 * Loads a model, or unloads it where `keep_alive` is 0. One that is loaded or being loaded already is never placed again.
 *
 * @throws AppError `model-not-found` and others of placement
 */
export async function keepModel({ models, cluster }: Pick<ApiContext, 'models' | 'cluster'>, name: string, keepAlive: number | string | null | undefined): Promise<'load' | 'unload'> {
  const modelId = (await models.list()).find((model) => isNamed(model, name))?.modelId ?? name
  const loaded = Object.entries(cluster.state().instances).filter(([, instance]) => instance.modelId === modelId)
  if (isUnload(keepAlive)) {
    await Promise.all(loaded.map(([instanceId]) => cluster.deleteInstance(instanceId)))
    return 'unload'
  }
  if (!loaded.some(([, { status }]) => status !== 'failed')) await cluster.placeInstance({ modelId, sharding: null, backend: null, minNodes: null, contextTokens: null, draftModel: null })
  return 'load'
}
