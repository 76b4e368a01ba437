import { stepsDown } from '../../domain/cluster/cluster-view.ts'
import { DEFAULT_MODEL_ID, importDefaultModel } from '../../models/store/import-default-model.ts'
import type { PlacementRequest } from '../../shared/placement.ts'
import type { LoadedModel } from '../config/node-host.ts'
import type { CurrentMember } from '../member/current-member.ts'
import { withContext } from '../shards/instances.ts'
import { loadInitialModels } from './initial-models.ts'
import type { NodeSurroundings } from './node-surroundings.ts'
import type { NodeModels } from './open-models.ts'

/** Loads the models that the configuration asks for, or the embedded one, into the cluster that the node is in. */
export function loadAtStart(
  { config, host, clock, log }: NodeSurroundings,
  { store, settings }: Pick<NodeModels, 'store' | 'settings'>,
  { models, instances }: Pick<CurrentMember, 'models' | 'instances'>,
  defaultRequest: PlacementRequest,
  signal: AbortSignal,
): Promise<LoadedModel[]> {
  return loadInitialModels({
    requested: config.models,
    loadDefaultModel: config.loadDefaultModel,
    hasOtherModels: async () => (await store.list()).models.some((model) => model.isOurs && model.modelId !== DEFAULT_MODEL_ID),
    importDefaultModel: async () => {
      const onProgress = (doneBytes: number, totalBytes: number): void =>
        host.onProgress({ label: 'Importing the default model', doneBytes, totalBytes })
      return (await importDefaultModel(store, host.defaultModelFile, { signal, onProgress })).modelId
    },
    resolve: async (name) => (await models.resolve(name, signal)).modelId,
    load: async (modelId) => {
      const request = withContext(defaultRequest, await settings.contextOf(modelId))
      return { stepsDown: stepsDown((await instances.load(modelId, request, true, signal)).placement) }
    },
    onDefaultFailed: (error) => log.error('the default model could not be loaded; the next request retries', { error }),
    now: () => clock.now(),
    sleep: (durationMs) => clock.sleep(durationMs, signal),
  })
}
