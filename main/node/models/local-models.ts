import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { type CommitOrigin, findSnapshot } from '../../models/files/hub-cache.ts'
import type { Hub } from '../../models/hub/open-hub.ts'
import type { Downloads, DownloadWork } from '../../models/downloads/downloads.ts'
import type { ModelParts, PartRequest } from '../../models/parts/model-parts.ts'
import { partsOf } from '../../models/files/shard-tensors.ts'
import { fetchModelFiles } from '../../models/peer-copy/fetch-model-files.ts'
import type { ByteChannel } from '../../models/files/byte-channel.ts'
import type { ModelFileRequest } from '../../shared/wire/peer/model-file-request.ts'
import type { ServedModels } from '../../models/peer-copy/serve-model-files.ts'
import type { ModelStore } from '../../models/store/model-store.ts'
import { noteModelUse } from '../../models/store/model-uses.ts'
import type { ModelFolder } from '../../models/store/read-model-folder.ts'
import type { Clock } from '../../platform/clock.ts'
import type { DiskWatch } from '../../platform/files/durable-file.ts'
import type { Log } from '../../platform/log/log.ts'
import { AppError, errorCode } from '../../shared/app-error.ts'
import type { DownloadReport } from '../../shared/models/download.ts'
import type { ModelId, NodeId } from '../../shared/ids.ts'
import type { ModelCard } from '../../shared/models/model-card.ts'
import type { PlacedShard, Placement } from '../../shared/placement.ts'

export interface LocalModelsDependencies {
  readonly nodeId: NodeId
  readonly store: ModelStore
  readonly hub: Pick<Hub, 'idOf' | 'describe' | 'download' | 'settings'>
  readonly parts: ModelParts
  readonly downloads: Downloads
  readonly dataDir: string
  readonly disk?: DiskWatch | undefined
  readonly clock: Pick<Clock, 'epochMs'>
  readonly log: Log
  /** Linked nodes to ask for the model's files, the likeliest first. */
  nodesWith(modelId: ModelId): readonly NodeId[]
  /** The instance of the model; null: none is placed. */
  placedCard(modelId: ModelId): ModelCard | null
  openChannel(nodeId: NodeId, request: ModelFileRequest, signal: AbortSignal): ByteChannel
  /** Files have come. */
  onChange(): void
}

type PartsWanted = Omit<PartRequest, 'peers' | 'onProgress'>

/** A shard that is to be loaded here. */
export interface ShardToLoad {
  readonly card: ModelCard
  readonly placement: Placement
  readonly shard: PlacedShard
}

/** The location of a model's files on this node, and their download. */
export class LocalModels {
  readonly #dependencies: LocalModelsDependencies
  /** Models that were found here, and their folders. */
  readonly #folders = new Map<ModelId, string>()
  /** Folders that this machine's user has named: another node's word leads to no other. */
  readonly #named = new Set<string>()
  readonly #fetches = new Map<string, Promise<string>>()

  constructor(dependencies: LocalModelsDependencies) {
    this.#dependencies = dependencies
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
   * What a model is that this node's user names, where all of it or a part is here.
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
   * Folder of at least the files that a shard needs. What is not here comes from the nodes that have it, else from the hub.
   *
   * @throws AppError `model-not-found`, and those of the hub's downloads
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
   * Begins to bring all of a model of the hub here, at the commit that a revision is now.
   *
   * @returns null: it is here already
   * @throws AppError `too-many-downloads`, and `model-damaged` of what is here
   */
  async startDownload({ modelId, hubCommit }: ModelCard, revision: string, signal: AbortSignal): Promise<DownloadReport | null> {
    if (hubCommit === undefined || (await this.#here({ modelId, hubCommit })) !== null) return null
    return this.#dependencies.downloads.start({ modelId, revision }, this.#wholeOf(modelId, hubCommit, { revision }), signal)
  }

  /**
   * Folder of the model's files, which come from another node where this one has none.
   *
   * @throws AppError `model-not-found`, and what the other nodes say
   */
  async whole({ modelId, hubCommit }: Pick<ModelCard, 'modelId' | 'hubCommit'>, signal: AbortSignal): Promise<string> {
    return (await this.#here({ modelId, hubCommit })) ?? (await this.#copy(modelId, this.#copyDir('copies', modelId), () => true, signal))
  }

  /** Folder of at least the tokenizer and the settings: enough to speak for a model that others compute. */
  async withoutWeights(modelId: ModelId, signal: AbortSignal): Promise<string> {
    const { placedCard, nodeId, downloads } = this.#dependencies
    const hubCommit = placedCard(modelId)?.hubCommit
    const here = await this.#here({ modelId, hubCommit })
    if (here !== null) return here
    if (hubCommit === undefined)
      return this.#copy(modelId, this.#copyDir('tokenizers', modelId), (path) => !path.endsWith('.safetensors'), signal)
    return downloads.run(
      modelId,
      this.#partsOf({ modelId, commit: hubCommit, origin: 'placed', ranks: [nodeId], parts: [null], rank: 0, withWeights: false }),
      signal,
    )
  }

  /** Ids of the models whose files are here, with their size. */
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
      // A folder of another node, copied here under its name there.
      const copy = await store.resolve(this.#copyDir('copies', name)).catch(() => null)
      if (!copy) throw error
      return { ...copy, modelId: name as ModelId, card: { ...copy.card, modelId: name as ModelId } }
    }
  }

  /** Folder of the whole model; null where it is not here, or of another commit than the instance is made of. */
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
    // Each node copies files that only a peer has, because the peer may leave.
    if (hub.settings.isOffline && !(await parts.has(modelId, hubCommit))) return this.whole(card, signal)
    const ranks = placement.shards.map(({ nodeId }) => nodeId)
    const request: PartsWanted = { modelId, commit: hubCommit, origin: 'placed', ranks, parts: partsOf(placement), rank, withWeights: true }
    return downloads.run(modelId, ranks.length === 1 ? this.#wholeOf(modelId, hubCommit, 'placed') : this.#partsOf(request), signal)
  }

  /** Brings all of a model of the hub: from it, or in pieces where a node of the cluster has some. */
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

  #copy(modelId: ModelId, targetDir: string, wants: (path: string) => boolean, signal: AbortSignal): Promise<string> {
    const copy = (): Promise<string> => this.#dependencies.downloads.run(modelId, this.#copyFromAny(modelId, targetDir, wants), signal)
    // One after the other: what the first brought, the second has, and it goes on where the first gave up.
    const before = this.#fetches.get(targetDir)
    const copied = before ? before.then(copy, copy) : copy()
    this.#fetches.set(targetDir, copied)
    const forget = (): void => {
      if (this.#fetches.get(targetDir) === copied) this.#fetches.delete(targetDir)
    }
    copied.then(forget, forget)
    return copied
  }

  #copyFromAny(modelId: ModelId, targetDir: string, wants: (path: string) => boolean): DownloadWork<string> {
    const { nodesWith, openChannel, onChange } = this.#dependencies
    return async (onProgress, signal) => {
      let lastError: unknown = new AppError('model-not-found', `No node of the cluster has the files of ${modelId}.`, { modelId })
      for (const nodeId of nodesWith(modelId)) {
        try {
          await fetchModelFiles({
            modelId,
            targetDir,
            wants,
            openChannel: (request, channelSignal) => openChannel(nodeId, request, channelSignal),
            onProgress: (doneBytes, totalBytes) => onProgress({ doneBytes, totalBytes, source: `peer ${nodeId}`, savedBytes: doneBytes }),
            signal,
          })
          onChange()
          return targetDir
        } catch (error) {
          signal.throwIfAborted()
          if (errorCode(error) !== 'model-not-found') lastError = error
        }
      }
      throw lastError
    }
  }

  /** Ids may be paths, so folders are named by their hash. */
  #copyDir(kind: 'copies' | 'tokenizers', modelId: string): string {
    return join(this.#dependencies.dataDir, kind, createHash('sha256').update(modelId).digest('hex').slice(0, 32))
  }
}
