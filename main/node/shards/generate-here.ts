import { placeWhole } from '../../domain/placement/place-whole.ts'
import { AppError } from '../../shared/app-error.ts'
import type { GenerationPart, GenerationSpec } from '../../shared/inference/generation.ts'
import type { TokenVocabulary } from '../../shared/inference/grammar.ts'
import type { InstanceId, ModelId, NodeId } from '../../shared/ids.ts'
import type { ModelCard } from '../../shared/models/model-card.ts'
import type { Worker } from '../../worker/supervisor/worker.ts'
import type { LocalModels } from '../models/local-models.ts'
import type { DraftRoom } from './draft/draft-room.ts'

export interface GenerateHereDependencies {
  readonly nodeId: NodeId
  readonly ready: (instanceId: InstanceId) => { readonly epoch: number; readonly worker: Worker } | null | undefined
  /** The tokens of the instance's model. */
  readonly vocabulary: (instanceId: InstanceId, signal: AbortSignal) => Promise<TokenVocabulary>
  readonly card: (modelId: ModelId, signal: AbortSignal) => Promise<ModelCard>
  readonly local: Pick<LocalModels, 'forShard' | 'listedCard'>
  /** The card of a model that the cluster was asked to load, or `as a draft`; null: it was not. */
  readonly placed: (modelId: ModelId) => ModelCard | 'as a draft' | null
  readonly draftRoom: Pick<DraftRoom, 'take'>
  /** The card of a model named by another node. */
  readonly cardForOthers: (modelId: ModelId, signal: AbortSignal) => Promise<ModelCard>
}

/** `elsewhere`: another node asks, and a draft model that it names is fetched only if the cluster was asked to load it. */
export type GenerateHere = (
  instanceId: InstanceId,
  epoch: number,
  generation: GenerationSpec,
  asked: 'here' | 'elsewhere',
  signal: AbortSignal,
) => AsyncIterable<GenerationPart>

/** Runs generations of instances whose rank 0 is on this node. Their draft models must be on this node too. */
export function createGenerateHere({
  nodeId,
  ready,
  vocabulary,
  card,
  local,
  placed,
  cardForOthers,
  draftRoom,
}: GenerateHereDependencies): GenerateHere {
  /** Workers that know the tokens of their model. */
  const informed = new WeakMap<Worker, Promise<void>>()
  const inform = (worker: Worker, instanceId: InstanceId, signal: AbortSignal): Promise<void> => {
    const known = informed.get(worker)
    if (known) return known
    const informing = vocabulary(instanceId, signal).then((tokens) => worker.setVocabulary(tokens))
    informed.set(worker, informing)
    informing.catch(() => informed.delete(worker))
    return informing
  }

  const draftOfOthers = async (modelId: ModelId, signal: AbortSignal): Promise<ModelCard> => {
    const known = placed(modelId)
    if (known !== null) return known === 'as a draft' ? cardForOthers(modelId, signal) : known
    return local.listedCard(modelId).catch((cause: unknown) => {
      throw new AppError(
        'draft-unsupported',
        `The draft model ${modelId} is neither on the node that computes the answer nor loaded in the ` +
          `cluster. Load it together with the model, or download it there: exo models pull ${modelId}`,
        { modelId },
        cause,
      )
    })
  }

  return (instanceId, epoch, generation, asked, signal) => {
    const shard = ready(instanceId)
    if (shard?.epoch !== epoch) throw new AppError('instance-recovering', 'The model is being loaded again.', { instanceId })
    const { worker } = shard
    const { draft, grammar } = generation
    if (!draft && !grammar) return worker.generate(generation, signal)
    return (async function* () {
      if (grammar) await inform(worker, instanceId, signal)
      if (!draft) {
        yield* worker.generate(generation, signal)
        return
      }
      const draftCard = await (asked === 'here' ? card : draftOfOthers)(draft.modelId, signal)
      draftRoom.take(worker, instanceId, draftCard, generation)
      const modelDir = await local.forShard({ card: draftCard, ...placeWhole(draftCard, nodeId) }, signal)
      yield* worker.generate({ ...generation, draft: { ...draft, modelDir } }, signal)
    })()
  }
}
