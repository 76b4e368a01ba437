import { placeWhole } from '../domain/placement/place-whole.ts'
import { AppError } from '../shared/app-error.ts'
import type { GenerationSpec } from '../shared/generation.ts'
import type { InstanceId, ModelId, NodeId } from '../shared/ids.ts'
import type { ModelCard } from '../shared/model-card.ts'
import type { GenerationPart, Worker } from '../worker/supervisor/worker.ts'
import type { LocalModels } from './local-models.ts'

export interface GenerateHereDependencies {
  readonly nodeId: NodeId
  readonly ready: (instanceId: InstanceId) => { readonly epoch: number; readonly worker: Worker } | null | undefined
  readonly card: (modelId: ModelId, signal: AbortSignal) => Promise<ModelCard>
  readonly local: Pick<LocalModels, 'forShard'>
}

export type GenerateHere = (instanceId: InstanceId, epoch: number, generation: GenerationSpec, signal: AbortSignal) => AsyncIterable<GenerationPart>

/** Runs generations of instances whose rank 0 is here, where their drafts have to be too. */
export function createGenerateHere({ nodeId, ready, card, local }: GenerateHereDependencies): GenerateHere {
  return (instanceId, epoch, generation, signal) => {
    const shard = ready(instanceId)
    if (shard?.epoch !== epoch) throw new AppError('worker-died', 'The model is being loaded again.', { instanceId })
    const { worker } = shard
    const { draft } = generation
    if (!draft) return worker.generate(generation, signal)
    return (async function* () {
      const draftCard = await card(draft.modelId, signal)
      const modelDir = await local.forShard({ card: draftCard, ...placeWhole(draftCard, nodeId) }, signal)
      yield* worker.generate({ ...generation, draft: { ...draft, modelDir } }, signal)
    })()
  }
}
