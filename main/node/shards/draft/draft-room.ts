import { draftSizeOf } from '../../../domain/placement/draft-size.ts'
import { formatBytes } from '../../../shared/formats/byte-size.ts'
import { AppError } from '../../../shared/app-error.ts'
import type { GenerationSpec } from '../../../shared/inference/generation.ts'
import type { InstanceId, ModelId } from '../../../shared/ids.ts'
import type { ModelCard } from '../../../shared/models/model-card.ts'
import type { Worker } from '../../../worker/supervisor/worker.ts'

export interface DraftRoomDependencies {
  /** The draft model for which placement has reserved memory. */
  reservedFor(instanceId: InstanceId): ModelId | null
  /** Memory of this node that is neither used nor promised to an instance. */
  freeBytes(): number
}

/** Keeps draft models that only a request names from taking memory that this node does not have. */
export class DraftRoom {
  readonly #dependencies: DraftRoomDependencies
  /** The draft that each worker has in memory, which makes way for the next one. */
  readonly #loaded = new WeakMap<Worker, { readonly modelId: ModelId; readonly weightBytes: number }>()

  constructor(dependencies: DraftRoomDependencies) {
    this.#dependencies = dependencies
  }

  /** @throws AppError `draft-unsupported` if the draft needs more memory than there is */
  take(
    worker: Worker,
    instanceId: InstanceId,
    card: ModelCard,
    { promptTokenIds, maxTokens }: Pick<GenerationSpec, 'promptTokenIds' | 'maxTokens'>,
  ): void {
    const { modelId, weightBytes } = card
    const before = this.#loaded.get(worker)
    if (before?.modelId !== modelId && this.#dependencies.reservedFor(instanceId) !== modelId) {
      const tokens = Math.min(card.contextTokens, promptTokenIds.length + maxTokens)
      const neededBytes = weightBytes + draftSizeOf(card, card.contextTokens).tokenBytes * tokens
      const freeBytes = this.#dependencies.freeBytes() + (before?.weightBytes ?? 0)
      if (neededBytes > freeBytes)
        throw new AppError(
          'draft-unsupported',
          `The draft model ${modelId} needs ${formatBytes(neededBytes)}, and the node that computes the answer ` +
            `has ${formatBytes(freeBytes)} left. Use a smaller draft, load the model together with it, or raise --max-memory if it is set.`,
          { modelId, neededBytes, freeBytes },
        )
    }
    this.#loaded.set(worker, { modelId, weightBytes })
  }
}
