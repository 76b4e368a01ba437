import { answerPeers, askPeer } from '../../cluster/link/streams/ask-peer.ts'
import type { RoutedLinks } from '../../cluster/routed-links.ts'
import type { ClusterState, InstanceState } from '../../domain/cluster/cluster-state.ts'
import { isHubId } from '../../models/files/hub-file.ts'
import type { Hub } from '../../models/hub/open-hub.ts'
import type { Log } from '../../platform/log/log.ts'
import { AppError, errorCode, errorMessage } from '../../shared/app-error.ts'
import { hasTrait } from '../../shared/error-codes.ts'
import type { ModelId, NodeId } from '../../shared/ids.ts'
import { keepLatest } from '../../shared/keep-latest.ts'
import type { ModelCard } from '../../shared/models/model-card.ts'
import { fitsName } from './fits-name.ts'
import type { LocalModels } from './local-models.ts'

const MOST_CARDS = 4096

export interface ClusterModelsDependencies {
  readonly local: LocalModels
  readonly hub: Pick<Hub, 'idOf' | 'card' | 'catalogueCard' | 'noteAsked'>
  state(): ClusterState
  readonly links: Pick<RoutedLinks, 'openStream' | 'handleStream' | 'peers'>
  readonly log: Log
}

/** Finds models by the names that this node's clients use: on this node, among the loaded models, on the other nodes, and at the hub. */
export class ClusterModels {
  readonly #dependencies: ClusterModelsDependencies
  /** Cards received from other nodes. */
  readonly #cards = new Map<ModelId, ModelCard>()

  constructor(dependencies: ClusterModelsDependencies) {
    this.#dependencies = dependencies
    answerPeers(dependencies.links, 'model-card', ({ name }) => dependencies.local.listedCard(name))
  }

  /** @throws AppError `model-not-found` | `model-damaged` | `model-unsupported` */
  async resolve(name: string, signal: AbortSignal): Promise<Pick<ModelCard, 'modelId' | 'purpose' | 'isEncoder'>> {
    const { modelId, purpose, isEncoder } = await this.#find(name, signal)
    return { modelId, ...(purpose && { purpose }), ...(isEncoder && { isEncoder }) }
  }

  /** @throws as `resolve` */
  async card(name: string, signal: AbortSignal): Promise<ModelCard> {
    return this.#find(name, signal)
  }

  /** Like `card`, for planning: the card of a model of the catalogue is known without the hub and without other nodes. */
  async cardToPlan(name: string, signal: AbortSignal): Promise<ModelCard> {
    const { hub, local } = this.#dependencies
    const known = hub.catalogueCard(name)
    if (known === null) return this.card(name, signal)
    return local.card(known.modelId).catch((error: unknown) => {
      if (errorCode(error) !== 'model-not-found') throw error
      return known
    })
  }

  /** Like `card`, for a name received from another node: it is never used as a path and does not count as a request of this user. */
  async cardForOthers(name: string, signal: AbortSignal): Promise<ModelCard> {
    return this.#findAnywhere(name, () => this.#dependencies.local.listedCard(name), signal)
  }

  async #find(asked: string, signal: AbortSignal): Promise<ModelCard> {
    const { hub } = this.#dependencies
    // Ollama's clients add the tag to names without one.
    const name = asked.replace(/:latest$/, '')
    const hubId = hub.idOf(name)
    if (hubId !== null) hub.noteAsked(hubId)
    const findHere = async (): Promise<ModelCard> => {
      const card = await this.#dependencies.local.card(name)
      // Only the card of a model that is here says what the user means: those of other nodes could name a private model.
      if (isHubId(card.modelId)) hub.noteAsked(card.modelId)
      return card
    }
    return this.#findAnywhere(name, findHere, signal)
  }

  async #findAnywhere(name: string, findHere: () => Promise<ModelCard>, signal: AbortSignal): Promise<ModelCard> {
    try {
      return await findHere()
    } catch (error) {
      if (errorCode(error) !== 'model-not-found') throw error
      const card =
        this.#loaded(name) ??
        this.#cards.get(name as ModelId) ??
        (await this.#askOthers(name, signal)) ??
        (await this.#askHub(name, error, signal))
      this.#cards.set(card.modelId, card)
      keepLatest(this.#cards, MOST_CARDS)
      return card
    }
  }

  /** @param localError - why it is not on this node; thrown together with the hub's error if the hub does not have it either */
  async #askHub(name: string, localError: unknown, signal: AbortSignal): Promise<ModelCard> {
    const { hub } = this.#dependencies
    const modelId = hub.idOf(name)
    if (modelId === null) throw localError
    try {
      return this.#cards.get(modelId) ?? (await hub.card(modelId, signal))
    } catch (error) {
      if (!hasTrait(errorCode(error), 'not-at-hub')) throw error
      // A model of the hub that could not be asked for is no wrong name, so what is here instead is beside the point.
      const first = hasTrait(errorCode(error), 'hub-silent') ? `${modelId} is not on your machines.` : errorMessage(localError)
      throw new AppError('model-not-found', `${first} ${errorMessage(error)}`, { model: name }, error)
    }
  }

  #loaded(name: string): ModelCard | null {
    const cards = Object.values<InstanceState>(this.#dependencies.state().instances).map(({ card }) => card)
    return cards.find((card) => fitsName(card, name, this.#dependencies.hub)) ?? null
  }

  async #askOthers(name: string, signal: AbortSignal): Promise<ModelCard | null> {
    const { hub, links, log } = this.#dependencies
    const ask = async (nodeId: NodeId): Promise<ModelCard> => {
      const card = await askPeer(links, nodeId, 'model-card', { name }, signal)
      if (fitsName(card, name, hub)) return card
      log.warn('another node answers with a model that was not asked for; its answer is ignored', { nodeId, name, modelId: card.modelId })
      throw new AppError('model-not-found', `${nodeId} has another model.`)
    }
    try {
      return await Promise.any(links.peers().map(({ nodeId }) => ask(nodeId)))
    } catch (error) {
      signal.throwIfAborted()
      log.debug('no other node knows the model', { error: error instanceof AppError ? error.code : 'none' })
      return null
    }
  }
}
