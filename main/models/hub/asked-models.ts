import type { ModelId } from '../../shared/ids.ts'
import { keepLatest } from '../../shared/keep-latest.ts'

const MOST_KEPT = 4096

/**
 * The models that this node's own user has requested since the node started. For any other model, the user's token is
 * sent only if the hub shows the model to everyone.
 */
export class AskedModels {
  readonly #models = new Set<string>()

  note(modelId: ModelId): void {
    this.#models.delete(modelId)
    this.#models.add(modelId)
    keepLatest(this.#models, MOST_KEPT)
  }

  has(modelId: string): boolean {
    return this.#models.has(modelId)
  }
}
