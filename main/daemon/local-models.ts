import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Hub } from '../models/hub/open-hub.ts'
import { fetchModelFiles } from '../models/peer-copy/fetch-model-files.ts'
import type { ByteChannel, ModelFileRequest } from '../models/peer-copy/model-file-messages.ts'
import type { ModelStore } from '../models/store/model-store.ts'
import { noteModelUse } from '../models/store/model-uses.ts'
import type { StoredModel } from '../models/store/read-model-folder.ts'
import type { Clock } from '../platform/clock.ts'
import type { Log } from '../platform/log.ts'
import { AppError, errorCode } from '../shared/app-error.ts'
import type { ModelId, NodeId } from '../shared/ids.ts'
import type { ModelCard } from '../shared/model-card.ts'

export interface LocalModelsDependencies {
  readonly store: ModelStore
  readonly hub: Pick<Hub, 'idOf' | 'download'>
  readonly dataDir: string
  readonly clock: Pick<Clock, 'epochMs'>
  readonly log: Log
  /** Linked nodes to ask for the model's files, the likeliest first. */
  nodesWith(modelId: ModelId): readonly NodeId[]
  openChannel(nodeId: NodeId, request: ModelFileRequest, signal: AbortSignal): ByteChannel
  /** null: it has ended, well or not. */
  onDownload(modelId: ModelId, download: Download | null): void
  /** Files have come. */
  onChange(): void
}

/** Files on their way to this node. */
export interface Download {
  readonly doneBytes: number
  readonly totalBytes: number
  /** `hub`, or `peer` and its id. */
  readonly source: string
}

/** Where the files of a model are on this node, and how they get here. */
export class LocalModels {
  readonly #dependencies: LocalModelsDependencies
  /** Models given as folders, here. */
  readonly #folders = new Map<ModelId, string>()
  readonly #fetches = new Map<string, Promise<string>>()

  constructor(dependencies: LocalModelsDependencies) {
    this.#dependencies = dependencies
  }

  /**
   * By id, alias or folder, on this node alone.
   *
   * @throws AppError `model-not-found` | `model-damaged` | `model-unsupported`
   */
  async resolve(name: string): Promise<StoredModel> {
    const model = await this.#resolveStored(name)
    this.#folders.set(model.modelId, model.modelDir)
    return model
  }

  /**
   * Folder of the model's files, which come from another node where this one has none, else from the hub.
   *
   * @throws AppError `model-not-found`, and those of the hub's downloads
   */
  async whole({ modelId, hubCommit }: Pick<ModelCard, 'modelId' | 'hubCommit'>, signal: AbortSignal): Promise<string> {
    const { dataDir, clock, log } = this.#dependencies
    const modelDir = await this.#here(modelId, () => this.#fetch(modelId, this.#copyDir('copies', modelId), () => true, hubCommit, signal))
    await noteModelUse(dataDir, modelId, clock.epochMs()).catch((error: unknown) => log.warn('the use of a model could not be noted', { modelId, error }))
    return modelDir
  }

  /** Folder of at least the tokenizer and the settings: enough to speak for a model that others compute. */
  async withoutWeights(modelId: ModelId, signal: AbortSignal): Promise<string> {
    return this.#here(modelId, () => this.#fetch(modelId, this.#copyDir('tokenizers', modelId), (path) => !path.endsWith('.safetensors'), undefined, signal))
  }

  /** Ids of the models whose files are here, with their size. */
  async list(): Promise<{ modelId: ModelId; totalBytes: number }[]> {
    const stored = (await this.#dependencies.store.list()).models
    const folders = [...this.#folders].filter(([modelId]) => !stored.some((model) => model.modelId === modelId))
    const others = await Promise.all(folders.map(([, modelDir]) => this.#dependencies.store.resolve(modelDir).catch(() => null)))
    return [
      ...stored.map(({ modelId, card }) => ({ modelId, totalBytes: card.weightBytes })),
      ...others.flatMap((model, index) => (model ? [{ modelId: folders[index]?.[0] ?? model.modelId, totalBytes: model.card.weightBytes }] : [])),
    ]
  }

  async #resolveStored(name: string): Promise<StoredModel> {
    const { store } = this.#dependencies
    try {
      return await store.resolve(name)
    } catch (error) {
      if (errorCode(error) !== 'model-not-found') throw error
      // A folder of another node, copied here under its name there.
      const copy = await store.resolve(this.#copyDir('copies', name)).catch(() => null)
      if (!copy) throw error
      return { ...copy, modelId: name as ModelId, card: { ...copy.card, modelId: name as ModelId } }
    }
  }

  async #here(modelId: ModelId, fetch: () => Promise<string>): Promise<string> {
    try {
      return (await this.resolve(modelId)).modelDir
    } catch (error) {
      if (errorCode(error) !== 'model-not-found') throw error
      return fetch()
    }
  }

  #fetch(modelId: ModelId, targetDir: string, wants: (path: string) => boolean, hubCommit: string | undefined, signal: AbortSignal): Promise<string> {
    const known = this.#fetches.get(targetDir)
    if (known) return known
    const fetching = this.#fetchFromAny(modelId, targetDir, wants, signal)
      .catch((error: unknown) => this.#download(modelId, hubCommit, error, signal))
      .finally(() => {
        this.#fetches.delete(targetDir)
        this.#dependencies.onDownload(modelId, null)
      })
    this.#fetches.set(targetDir, fetching)
    return fetching
  }

  /** @param peersError - why no other node gave the files; told where the hub knows no such model either */
  async #download(modelId: ModelId, hubCommit: string | undefined, peersError: unknown, signal: AbortSignal): Promise<string> {
    const { hub, onDownload, onChange, log } = this.#dependencies
    signal.throwIfAborted()
    if (hub.idOf(modelId) === null) throw peersError
    const onProgress = (doneBytes: number, totalBytes: number): void => onDownload(modelId, { doneBytes, totalBytes, source: 'hub' })
    const { snapshotDir, commit, totalBytes, fetchedBytes } = await hub.download({ modelId, revision: hubCommit, onProgress, signal })
    log.info('model downloaded', { modelId, commit, totalBytes, fetchedBytes, savedBytes: totalBytes - fetchedBytes })
    onChange()
    return snapshotDir
  }

  async #fetchFromAny(modelId: ModelId, targetDir: string, wants: (path: string) => boolean, signal: AbortSignal): Promise<string> {
    const { nodesWith, openChannel, onDownload, onChange } = this.#dependencies
    let lastError: unknown = new AppError('model-not-found', `No node of the cluster has the files of ${modelId}.`, { modelId })
    for (const nodeId of nodesWith(modelId)) {
      try {
        await fetchModelFiles({
          modelId,
          targetDir,
          wants,
          openChannel: (request, channelSignal) => openChannel(nodeId, request, channelSignal),
          onProgress: (doneBytes, totalBytes) => onDownload(modelId, { doneBytes, totalBytes, source: `peer ${nodeId}` }),
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

  /** Ids may be paths, so folders are named by their hash. */
  #copyDir(kind: 'copies' | 'tokenizers', modelId: string): string {
    return join(this.#dependencies.dataDir, kind, createHash('sha256').update(modelId).digest('hex').slice(0, 32))
  }
}
