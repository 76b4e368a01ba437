import type { InstanceState } from '../domain/cluster/cluster-state.ts'
import type { ModelId } from '../shared/ids.ts'
import type { LoadedModel } from './daemon.ts'

export interface InitialModelsDependencies {
  readonly requested: readonly string[]
  readonly loadDefaultModel: boolean
  /** Whether this node has models beside the embedded one. */
  hasOtherModels(): Promise<boolean>
  importDefaultModel(): Promise<ModelId>
  resolve(name: string): Promise<ModelId>
  load(modelId: ModelId): Promise<InstanceState>
  now(): number
}

/**
 * Loads what was asked for at start. A node that was asked for nothing and has nothing loads the embedded model, so
 * that it answers at once.
 */
export async function loadInitialModels(dependencies: InitialModelsDependencies): Promise<LoadedModel[]> {
  const { requested, loadDefaultModel, now } = dependencies
  const wantsDefault = loadDefaultModel && requested.length === 0
  // Imported even when it is not loaded: chat then works offline.
  const defaultModel = loadDefaultModel ? await dependencies.importDefaultModel() : null
  const modelIds: ModelId[] = []
  for (const name of requested) modelIds.push(await dependencies.resolve(name))
  if (wantsDefault && defaultModel !== null && !(await dependencies.hasOtherModels())) modelIds.push(defaultModel)

  const loaded: LoadedModel[] = []
  for (const modelId of new Set(modelIds)) {
    const startedAtMs = now()
    await dependencies.load(modelId)
    loaded.push({ modelId, loadMs: now() - startedAtMs })
  }
  return loaded
}
