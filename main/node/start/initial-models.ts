import { errorCode } from '../../shared/app-error.ts'
import { hasTrait } from '../../shared/error-codes.ts'
import type { ModelId } from '../../shared/ids.ts'
import type { LoadedModel } from '../config/node-host.ts'

/** Peers are found and linked within this time. */
const CLUSTER_FORMS_WITHIN_MS = 10_000
const RETRY_MS = 250

export interface InitialModelsDependencies {
  readonly requested: readonly string[]
  readonly loadDefaultModel: boolean
  /** Whether this node has models besides the embedded one. */
  hasOtherModels(): Promise<boolean>
  importDefaultModel(): Promise<ModelId>
  resolve(name: string): Promise<ModelId>
  load(modelId: ModelId): Promise<Pick<LoadedModel, 'stepsDown'>>
  /** A node runs even without its default model. */
  onDefaultFailed(error: unknown): void
  now(): number
  sleep(durationMs: number): Promise<void>
}

/**
 * Loads the models requested at start. A node without such models and without any other model loads the embedded one,
 * so that it can answer at once. A model too large for this node alone waits a moment for peers.
 *
 * @throws the errors of `resolve` and `load` for a requested model
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
      // Imported even if it is not loaded, so that chat works offline.
      const defaultModel = await dependencies.importDefaultModel()
      if (requested.length === 0 && !(await dependencies.hasOtherModels())) await load(defaultModel)
    } catch (error) {
      dependencies.onDefaultFailed(error)
    }
  }
  return loaded
}
