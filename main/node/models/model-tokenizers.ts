import type { Log } from '../../platform/log/log.ts'
import type { TokenizerPort } from '../../router/router-ports.ts'
import type { ModelId } from '../../shared/ids.ts'

export interface OpenTokenizer extends TokenizerPort {
  close(): Promise<void>
}

/** One open tokenizer per model, shared by all requests and closed when the model is unloaded. */
export class ModelTokenizers {
  readonly #open = new Map<ModelId, Promise<OpenTokenizer>>()
  readonly #openTokenizer: (modelDir: string) => Promise<OpenTokenizer>
  readonly #log: Log

  constructor(openTokenizer: (modelDir: string) => Promise<OpenTokenizer>, log: Log) {
    this.#openTokenizer = openTokenizer
    this.#log = log
  }

  /** @throws AppError `model-damaged`; the next call tries again */
  get(modelId: ModelId, modelDir: () => Promise<string>): Promise<TokenizerPort> {
    const known = this.#open.get(modelId)
    if (known) return known
    const opening = modelDir().then((folder) => this.#openTokenizer(folder))
    this.#open.set(modelId, opening)
    opening.catch(() => this.#open.delete(modelId))
    return opening
  }

  /** Closes the tokenizers of models that are no longer in use. */
  keepOnly(modelIds: ReadonlySet<ModelId>): void {
    for (const modelId of this.#open.keys()) if (!modelIds.has(modelId)) void this.#close(modelId)
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.keys()].map((modelId) => this.#close(modelId)))
  }

  async #close(modelId: ModelId): Promise<void> {
    const opening = this.#open.get(modelId)
    this.#open.delete(modelId)
    try {
      await (await opening)?.close()
    } catch (error) {
      this.#log.warn('tokenizer did not close', { modelId, error })
    }
  }
}
