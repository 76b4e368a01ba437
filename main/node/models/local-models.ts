import { type CommitOrigin, findSnapshot } from '../../models/files/hub-cache.ts'
import type { Hub } from '../../models/hub/open-hub.ts'
import type { Downloads, DownloadWork } from '../../models/downloads/downloads.ts'
import type { ModelParts, PartRequest } from '../../models/parts/model-parts.ts'
import { partsOf } from '../../models/files/shard-tensors.ts'
import type { ServedModels } from '../../models/peer-copy/serve-model-files.ts'
import type { ModelStore } from '../../models/store/model-store.ts'
import { noteModelUse } from '../../models/store/model-uses.ts'
import type { ModelFolder } from '../../models/store/read-model-folder.ts'
import type { Clock } from '../../platform/clock.ts'
import type { DiskWatch } from '../../platform/files/durable-file.ts'
import type { Log } from '../../platform/log/log.ts'
import { errorCode } from '../../shared/app-error.ts'
import type { DownloadReport } from '../../shared/models/download.ts'
import type { ModelId, NodeId } from '../../shared/ids.ts'
import type { ModelCard } from '../../shared/models/model-card.ts'
import type { PlacedShard, Placement } from '../../shared/placement.ts'
import { PeerCopies, type PeerCopiesDependencies } from './peer-copies.ts'

export interface LocalModelsDependencies extends PeerCopiesDependencies {
  readonly nodeId: NodeId
  readonly store: ModelStore
  readonly hub: Pick<Hub, 'idOf' | 'describe' | 'download' | 'settings'>
  readonly parts: ModelParts
  readonly downloads: Downloads
  readonly disk?: DiskWatch | undefined
  readonly clock: Pick<Clock, 'epochMs'>
  readonly log: Log
  /** The card of the placed model; null: it is not placed. */
  placedCard(modelId: ModelId): ModelCard | null
}

type PartsWanted = Omit<PartRequest, 'peers' | 'onProgress'>

/** A shard to be loaded on this node. */
export interface ShardToLoad {
  readonly card: ModelCard
  readonly placement: Placement
  readonly shard: PlacedShard
}

export interface DownloadToStart {
  readonly revision: string
  /** Whether the commit is this node's hub's answer for the revision, or comes from another node. */
  readonly origin: 'hub' | 'placed'
  /** The node whose user started it, if it is another one. */
  readonly startedBy?: NodeId | undefined
}

/** The location of a model's files on this node, and their download. */
export class LocalModels {
  readonly #dependencies: LocalModelsDependencies
  /** Models found on this node, and their folders. */
  readonly #folders = new Map<ModelId, string>()
  /** Folders that this machine's user has named: another node cannot name further ones. */
  readonly #named = new Set<string>()
  readonly #copies: PeerCopies

  constructor(dependencies: LocalModelsDependencies) {
    this.#dependencies = dependencies
    this.#copies = new PeerCopies(dependencies)
  }

  /**
   * Finds a model on this node by id, alias or folder, as named by its user.
   *
   * @throws AppError `model-not-found` | `model-damaged` | `model-unsupported`
   */
  async resolve(name: string): Promise<ModelFolder> {
    const model = await this.#resolveStored(name, (asked) => this.#dependencies.store.resolve(asked))
    if (model.modelId === model.modelDir) this.#named.add(model.modelId)
    return model
  }

  /**
   * Finds a model by id or alias, or by a folder that this node's user named: names from other nodes are never used as paths.
   *
   * @throws as `resolve`
   */
  async resolveListed(name: string): Promise<ModelFolder> {
    const { store } = this.#dependencies
    return this.#resolveStored(name, (asked) => (this.#named.has(asked) ? store.resolve(asked) : store.resolveListed(asked)))
  }

  /**
   * The card of a model that this node's user names, if all or part of it is on this node.
   *
   * @throws as `resolve`
   */
  card(name: string): Promise<ModelCard> {
    return this.#cardOf(name, () => this.resolve(name))
  }

  /** Like `card`, for another node. @throws like `resolve` */
  listedCard(name: string): Promise<ModelCard> {
    return this.#cardOf(name, () => this.resolveListed(name))
  }

  async #cardOf(name: string, resolve: () => Promise<ModelFolder>): Promise<ModelCard> {
    const { hub, parts } = this.#dependencies
    try {
      return (await resolve()).card
    } catch (error) {
      const modelId = hub.idOf(name)
      const part =
        modelId && errorCode(error) === 'model-not-found'
          ? (await parts.list()).findLast((listing) => listing.modelId === modelId)
          : undefined
      if (!part?.config) throw error
      return { ...hub.describe(part.modelId, part.config, part.weightBytes), hubCommit: part.commit }
    }
  }

  /**
   * The folder with at least the files that a shard needs. Missing files are copied from nodes that have them, or else
   * downloaded from the hub.
   *
   * @throws AppError `model-not-found`, and the errors of the hub's downloads
   */
  async forShard({ card, placement, shard }: ShardToLoad, signal: AbortSignal): Promise<string> {
    const { dataDir, disk, clock, log } = this.#dependencies
    const modelDir = (await this.#here(card)) ?? (await this.#bring(card, placement, shard, signal))
    await noteModelUse(dataDir, card.modelId, clock.epochMs(), disk).catch((error: unknown) =>
      log.warn('the last use of a model could not be saved', { modelId: card.modelId, error }),
    )
    return modelDir
  }

  /**
   * Starts downloading a model of the hub, at the current commit of a revision, or copying one that only other nodes have.
   *
   * @returns null: it is already here
   * @throws AppError `too-many-downloads`, and `model-damaged` for files on this node
   */
  async startDownload(
    { modelId, hubCommit }: ModelCard,
    { revision, origin, startedBy }: DownloadToStart,
    signal: AbortSignal,
  ): Promise<DownloadReport | null> {
    if ((await this.#here({ modelId, hubCommit })) !== null) return null
    // Without a commit, the hub does not have it, but another node does.
    const work =
      hubCommit === undefined
        ? this.#copies.workOfWhole(modelId)
        : this.#wholeOf(modelId, hubCommit, origin === 'hub' ? { revision } : origin)
    return this.#dependencies.downloads.start({ modelId, revision, startedBy }, work, signal)
  }

  /**
   * The folder of the complete model, copied from another node if it is not here.
   *
   * @throws AppError `model-not-found`, and the errors of the other nodes
   */
  async whole({ modelId, hubCommit }: Pick<ModelCard, 'modelId' | 'hubCommit'>, signal: AbortSignal): Promise<string> {
    return (await this.#here({ modelId, hubCommit })) ?? (await this.#copies.whole(modelId, signal))
  }

  /** The folder with at least the tokenizer and the settings: enough to encode requests for a model that other nodes compute. */
  async withoutWeights(modelId: ModelId, signal: AbortSignal): Promise<string> {
    const { placedCard, nodeId, downloads } = this.#dependencies
    const hubCommit = placedCard(modelId)?.hubCommit
    const here = await this.#here({ modelId, hubCommit })
    if (here !== null) return here
    if (hubCommit === undefined) return this.#copies.withoutWeights(modelId, signal)
    return downloads.run(
      modelId,
      this.#partsOf({ modelId, commit: hubCommit, origin: 'placed', ranks: [nodeId], parts: [null], rank: 0, withWeights: false }),
      signal,
    )
  }

  /** The models whose files are on this node, with their size. */
  async list(): Promise<{ modelId: ModelId; totalBytes: number }[]> {
    const stored = (await this.#dependencies.store.list()).models
    const folders = [...this.#folders].filter(([modelId]) => !stored.some((model) => model.modelId === modelId))
    const others = await Promise.all(folders.map(([, modelDir]) => this.#dependencies.store.resolve(modelDir).catch(() => null)))
    return [
      ...stored.map(({ modelId, card }) => ({ modelId, totalBytes: card.weightBytes })),
      ...others.flatMap((model, index) =>
        model ? [{ modelId: folders[index]?.[0] ?? model.modelId, totalBytes: model.card.weightBytes }] : [],
      ),
    ]
  }

  /** The files that other nodes may copy from this one. */
  served(): ServedModels {
    return {
      modelDirOf: async (modelId) => (await this.resolveListed(modelId)).modelDir,
      held: (modelId, commit) => this.#dependencies.parts.held(modelId, commit),
    }
  }

  async #resolveStored(name: string, find: (name: string) => Promise<ModelFolder>): Promise<ModelFolder> {
    const model = await this.#findOrCopy(name, find)
    this.#folders.set(model.modelId, model.modelDir)
    return model
  }

  async #findOrCopy(name: string, find: (name: string) => Promise<ModelFolder>): Promise<ModelFolder> {
    const { store } = this.#dependencies
    try {
      return await find(name)
    } catch (error) {
      if (errorCode(error) !== 'model-not-found') throw error
      // A folder of another node, which was copied here and is known by its name there.
      const copy = await store.resolve(this.#copies.wholeDir(name)).catch(() => null)
      if (!copy) throw error
      return { ...copy, modelId: name as ModelId, card: { ...copy.card, modelId: name as ModelId } }
    }
  }

  /** The folder of the complete model; null if it is not here or has another commit than the instance. */
  async #here({ modelId, hubCommit }: { readonly modelId: ModelId; readonly hubCommit?: string | undefined }): Promise<string | null> {
    const model = await this.resolveListed(modelId).catch((error: unknown) => {
      if (errorCode(error) !== 'model-not-found') throw error
      return null
    })
    const commit = model?.card.hubCommit
    if (commit === undefined || hubCommit === undefined || commit === hubCommit) return model?.modelDir ?? null
    return findSnapshot(this.#dependencies.hub.settings.cacheDir, modelId, hubCommit)
  }

  async #bring(card: ModelCard, placement: Placement, { rank }: PlacedShard, signal: AbortSignal): Promise<string> {
    const { hub, parts, downloads } = this.#dependencies
    const { modelId, hubCommit } = card
    if (hubCommit === undefined) return this.whole(card, signal)
    // If only a peer has the files, each node copies all of them, because the peer may leave.
    if (hub.settings.isOffline && !(await parts.has(modelId, hubCommit))) return this.whole(card, signal)
    const ranks = placement.shards.map(({ nodeId }) => nodeId)
    const request: PartsWanted = { modelId, commit: hubCommit, origin: 'placed', ranks, parts: partsOf(placement), rank, withWeights: true }
    return downloads.run(modelId, ranks.length === 1 ? this.#wholeOf(modelId, hubCommit, 'placed') : this.#partsOf(request), signal)
  }

  /** Downloads a complete model of the hub, or copies pieces of it from nodes of the cluster that have them. */
  #wholeOf(modelId: ModelId, commit: string, origin: CommitOrigin): DownloadWork<string> {
    const { nodeId, parts, nodesWith } = this.#dependencies
    return async (onProgress, signal) => {
      const isNear = (await parts.has(modelId, commit)) || (await parts.isHeldBy(nodesWith(modelId), modelId, commit, signal))
      const bring = isNear
        ? this.#partsOf({ modelId, commit, origin, ranks: [nodeId], parts: [null], rank: 0, withWeights: true })
        : this.#download(modelId, commit, origin)
      return bring(onProgress, signal)
    }
  }

  #partsOf(request: PartsWanted): DownloadWork<string> {
    const { parts, nodesWith, onChange } = this.#dependencies
    const { modelId } = request
    return (onProgress, signal) =>
      parts
        .fetch(
          {
            ...request,
            peers: () => nodesWith(modelId),
            onProgress: ({ source, ...progress }) => onProgress({ ...progress, source: source === 'hub' ? source : `peer ${source}` }),
          },
          signal,
        )
        .finally(onChange)
  }

  #download(modelId: ModelId, commit: string, origin: CommitOrigin): DownloadWork<string> {
    const { hub, onChange, log } = this.#dependencies
    return async (onProgress, signal) => {
      const onBytes = (doneBytes: number, totalBytes: number): void => onProgress({ doneBytes, totalBytes, source: 'hub', savedBytes: 0 })
      const { snapshotDir, totalBytes, fetchedBytes } = await hub.download({
        modelId,
        revision: commit,
        origin,
        onProgress: onBytes,
        signal,
      })
      log.info('model downloaded', { modelId, commit, totalBytes, fetchedBytes, savedBytes: totalBytes - fetchedBytes })
      onChange()
      return snapshotDir
    }
  }
}
