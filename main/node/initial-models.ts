import { errorCode } from '../shared/app-error.ts'
import { hasTrait } from '../shared/error-codes.ts'
import type { ModelId } from '../shared/ids.ts'
import type { LoadedModel } from './config/node-host.ts'

/** Peers are found and linked within this. */
const CLUSTER_FORMS_WITHIN_MS = 10_000
const RETRY_MS = 250

export interface InitialModelsDependencies {
  readonly requested: readonly string[]
  readonly loadDefaultModel: boolean
  /** Whether this node has models beside the embedded one. */
  hasOtherModels(): Promise<boolean>
  importDefaultModel(): Promise<ModelId>
  resolve(name: string): Promise<ModelId>
  load(modelId: ModelId): Promise<Pick<LoadedModel, 'stepsDown'>>
  /** A node without its default model is still a node. */
  onDefaultFailed(error: unknown): void
  now(): number
  sleep(durationMs: number): Promise<void>
}

/**
 * Loads what was asked for at start. A node that was asked for nothing and has nothing loads the embedded model, so
 * that it answers at once. What the node alone has no room for waits a moment for its peers.
 *
 * @throws what `resolve` and `load` throw for a model that was asked for
 */
export async function loadInitialModels(dependencies: InitialModelsDependencies): Promise<LoadedModel[]> {
  const { requested, loadDefaultModel, now, sleep } = dependencies
  const beganAtMs = now()
  const loaded: LoadedModel[] = []
  const load = async (modelId: ModelId): Promise<void> => {
    const startedAtMs = now()
    for (;;) {
      try {
        const { stepsDown } = await dependencies.load(modelId)
        return void loaded.push({ modelId, loadMs: now() - startedAtMs, stepsDown })
      } catch (error) {
        if (!hasTrait(errorCode(error), 'placement') || now() - beganAtMs > CLUSTER_FORMS_WITHIN_MS) throw error
      }
      await sleep(RETRY_MS)
    }
  }
  const modelIds: ModelId[] = []
  for (const name of requested) modelIds.push(await dependencies.resolve(name))
  for (const modelId of new Set(modelIds)) await load(modelId)

  if (loadDefaultModel) {
    try {
      // Imported even when it is not loaded: chat then works offline.
      const defaultModel = await dependencies.importDefaultModel()
      if (requested.length === 0 && !(await dependencies.hasOtherModels())) await load(defaultModel)
    } catch (error) {
      dependencies.onDefaultFailed(error)
    }
  }
  return loaded
}
