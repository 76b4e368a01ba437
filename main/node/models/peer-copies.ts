import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Downloads, DownloadWork } from '../../models/downloads/downloads.ts'
import type { ByteChannel } from '../../models/files/byte-channel.ts'
import { fetchModelFiles } from '../../models/peer-copy/fetch-model-files.ts'
import { AppError, errorCode } from '../../shared/app-error.ts'
import type { ModelId, NodeId } from '../../shared/ids.ts'
import type { ModelFileRequest } from '../../shared/wire/peer/model-file-request.ts'

export interface PeerCopiesDependencies {
  readonly dataDir: string
  readonly downloads: Pick<Downloads, 'run'>
  /** Linked nodes to ask for the model's files, likeliest first. */
  nodesWith(modelId: ModelId): readonly NodeId[]
  openChannel(nodeId: NodeId, request: ModelFileRequest, signal: AbortSignal): ByteChannel
  /** Called when files have arrived. */
  onChange(): void
}

/** Copies of models that only other nodes have, in this node's data folder. */
export class PeerCopies {
  readonly #dependencies: PeerCopiesDependencies
  readonly #fetches = new Map<string, Promise<string>>()

  constructor(dependencies: PeerCopiesDependencies) {
    this.#dependencies = dependencies
  }

  /** The folder for the copy of a complete model, which may not exist. */
  wholeDir(modelId: string): string {
    return this.#dirOf('copies', modelId)
  }

  /** Copies a complete model. @throws AppError `model-not-found`, and the errors of the other nodes */
  whole(modelId: ModelId, signal: AbortSignal): Promise<string> {
    return this.#copy(modelId, this.wholeDir(modelId), () => true, signal)
  }

  /** Copies all files except weights. @throws like `whole` */
  withoutWeights(modelId: ModelId, signal: AbortSignal): Promise<string> {
    return this.#copy(modelId, this.#dirOf('tokenizers', modelId), (path) => !path.endsWith('.safetensors'), signal)
  }

  /** Copies a complete model, for a download that no caller waits for. */
  workOfWhole(modelId: ModelId): DownloadWork<string> {
    const targetDir = this.wholeDir(modelId)
    const work = this.#copyFromAny(modelId, targetDir, () => true)
    return (onProgress, signal) => this.#inOrder(targetDir, () => work(onProgress, signal))
  }

  #copy(modelId: ModelId, targetDir: string, wants: (path: string) => boolean, signal: AbortSignal): Promise<string> {
    return this.#inOrder(targetDir, () => this.#dependencies.downloads.run(modelId, this.#copyFromAny(modelId, targetDir, wants), signal))
  }

  /** One after another: a later copy reuses files of an earlier one and continues where it stopped. */
  #inOrder(targetDir: string, copy: () => Promise<string>): Promise<string> {
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

  /** Ids may be paths, so folders are named by a hash of the id. */
  #dirOf(kind: 'copies' | 'tokenizers', modelId: string): string {
    return join(this.#dependencies.dataDir, kind, createHash('sha256').update(modelId).digest('hex').slice(0, 32))
  }
}
