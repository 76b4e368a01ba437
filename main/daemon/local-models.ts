import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { fetchModelFiles } from '../models/peer-copy/fetch-model-files.ts'
import type { ByteChannel, ModelFileRequest } from '../models/peer-copy/model-file-messages.ts'
import type { ModelStore } from '../models/store/model-store.ts'
import type { StoredModel } from '../models/store/read-model-folder.ts'
import { AppError, errorCode } from '../shared/app-error.ts'
import type { ModelId, NodeId } from '../shared/ids.ts'

export interface LocalModelsDependencies {
  readonly store: ModelStore
  readonly dataDir: string
  /** Linked nodes to ask for the model's files, the likeliest first. */
  nodesWith(modelId: ModelId): readonly NodeId[]
  openChannel(nodeId: NodeId, request: ModelFileRequest, signal: AbortSignal): ByteChannel
  onProgress(modelId: ModelId, doneBytes: number, totalBytes: number, from: NodeId): void
  /** Files have come. */
  onChange(): void
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

  /** Folder of the model's files, which come from another node where this one has none. */
  async whole(modelId: ModelId, signal: AbortSignal): Promise<string> {
    return this.#here(modelId, () => this.#fetch(modelId, this.#copyDir('copies', modelId), () => true, signal))
  }

  /** Folder of at least the tokenizer and the settings: enough to speak for a model that others compute. */
  async withoutWeights(modelId: ModelId, signal: AbortSignal): Promise<string> {
    return this.#here(modelId, () => this.#fetch(modelId, this.#copyDir('tokenizers', modelId), (path) => !path.endsWith('.safetensors'), signal))
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

  #fetch(modelId: ModelId, targetDir: string, wants: (path: string) => boolean, signal: AbortSignal): Promise<string> {
    const known = this.#fetches.get(targetDir)
    if (known) return known
    const fetching = this.#fetchFromAny(modelId, targetDir, wants, signal).finally(() => this.#fetches.delete(targetDir))
    this.#fetches.set(targetDir, fetching)
    return fetching
  }

  async #fetchFromAny(modelId: ModelId, targetDir: string, wants: (path: string) => boolean, signal: AbortSignal): Promise<string> {
    const { nodesWith, openChannel, onProgress, onChange } = this.#dependencies
    let lastError: unknown = new AppError('model-not-found', `No node of the cluster has the files of ${modelId}.`, { modelId })
    for (const nodeId of nodesWith(modelId)) {
      try {
        await fetchModelFiles({
          modelId,
          targetDir,
          wants,
          openChannel: (request, channelSignal) => openChannel(nodeId, request, channelSignal),
          onProgress: (doneBytes, totalBytes) => onProgress(modelId, doneBytes, totalBytes, nodeId),
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
