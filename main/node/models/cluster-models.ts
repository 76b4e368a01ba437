import { z } from 'zod'
import { receiveJson, requestJson, sendJson } from '../../cluster/link/streams/json-stream.ts'
import type { RoutedLinks } from '../../cluster/routed-links.ts'
import type { ClusterState, InstanceState } from '../../domain/cluster/cluster-state.ts'
import { isHubId } from '../../models/files/hub-file.ts'
import type { Hub } from '../../models/hub/open-hub.ts'
import type { Log } from '../../platform/log/log.ts'
import { AppError, errorCode, errorMessage } from '../../shared/app-error.ts'
import { hasTrait } from '../../shared/error-codes.ts'
import type { ModelId, NodeId } from '../../shared/ids.ts'
import { ModelCard } from '../../shared/models/model-card.ts'
import { parseSaid } from '../../shared/wire/peer/parse-tolerantly.ts'
import type { LocalModels } from './local-models.ts'

const STREAM_KIND = 'model-card'
const ASK_LIMIT_MS = 5_000

const Question = z.strictObject({ name: z.string().min(1).max(1024) })

export interface ClusterModelsDependencies {
  readonly local: LocalModels
  readonly hub: Pick<Hub, 'idOf' | 'card' | 'noteAsked'>
  state(): ClusterState
  readonly links: Pick<RoutedLinks, 'openStream' | 'handleStream' | 'peers'>
  readonly log: Log
}

/** What says no more than that the hub has no such model, or that it is not there to be asked. */

/** Finds models by the names that this node's clients give them: here, among those that are loaded, on the other nodes, and at the hub. */
export class ClusterModels {
  readonly #dependencies: ClusterModelsDependencies
  /** Cards that other nodes told. */
  readonly #cards = new Map<ModelId, ModelCard>()

  constructor(dependencies: ClusterModelsDependencies) {
    this.#dependencies = dependencies
    dependencies.links.handleStream(STREAM_KIND, async (stream) => {
      const { name } = parseSaid(Question, stream.header)
      await sendJson(stream, await dependencies.local.listedCard(name))
      await receiveJson(stream, z.null())
    })
  }

  /** @throws AppError `model-not-found` | `model-damaged` | `model-unsupported` */
  async resolve(name: string, signal: AbortSignal): Promise<{ readonly modelId: ModelId }> {
    return { modelId: (await this.#find(name, signal)).modelId }
  }

  /** @throws as `resolve` */
  async card(name: string, signal: AbortSignal): Promise<ModelCard> {
    return this.#find(name, signal)
  }

  /** As `card`, for a name that another node has brought: no path is looked at for it, and it is not what the user here asked for. */
  async cardForOthers(name: string, signal: AbortSignal): Promise<ModelCard> {
    return this.#findAnywhere(name, () => this.#dependencies.local.listedCard(name), signal)
  }

  async #find(name: string, signal: AbortSignal): Promise<ModelCard> {
    const { hub } = this.#dependencies
    const hubId = hub.idOf(name)
    if (hubId !== null) hub.noteAsked(hubId)
    const card = await this.#findAnywhere(name, () => this.#dependencies.local.card(name), signal)
    if (isHubId(card.modelId)) hub.noteAsked(card.modelId)
    return card
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
      return card
    }
  }

  /** @param localError - why it is not here; thrown, with what the hub says, where that has it neither */
  async #askHub(name: string, localError: unknown, signal: AbortSignal): Promise<ModelCard> {
    const { hub } = this.#dependencies
    const modelId = hub.idOf(name)
    if (modelId === null) throw localError
    try {
      return this.#cards.get(modelId) ?? (await hub.card(modelId, signal))
    } catch (error) {
      if (!hasTrait(errorCode(error), 'not-at-hub')) throw error
      throw new AppError('model-not-found', `${errorMessage(localError)} ${errorMessage(error)}`, { model: name }, error)
    }
  }

  #loaded(name: string): ModelCard | null {
    const lower = name.toLowerCase()
    const cards = Object.values<InstanceState>(this.#dependencies.state().instances).map(({ card }) => card)
    return cards.find((card) => card.modelId === name || card.aliases.some((alias) => alias.toLowerCase() === lower)) ?? null
  }

  async #askOthers(name: string, signal: AbortSignal): Promise<ModelCard | null> {
    const { links, log } = this.#dependencies
    const limit = AbortSignal.any([signal, AbortSignal.timeout(ASK_LIMIT_MS)])
    const ask = async (nodeId: NodeId): Promise<ModelCard> => requestJson(links.openStream(nodeId, STREAM_KIND, { name }, limit), ModelCard)
    try {
      return await Promise.any(links.peers().map(({ nodeId }) => ask(nodeId)))
    } catch (error) {
      signal.throwIfAborted()
      log.debug('no other node knows the model', { error: error instanceof AppError ? error.code : 'none' })
      return null
    }
  }
}
