import type { Log } from '../platform/log.ts'
import type { TokenizerPort } from '../router/router-ports.ts'

export interface OpenTokenizer extends TokenizerPort {
  close(): Promise<void>
}

/** One open tokenizer per model folder, shared by all requests and closed when its model is unloaded. */
export class ModelTokenizers {
  readonly #open = new Map<string, Promise<OpenTokenizer>>()
  readonly #openTokenizer: (modelDir: string) => Promise<OpenTokenizer>
  readonly #log: Log

  constructor(openTokenizer: (modelDir: string) => Promise<OpenTokenizer>, log: Log) {
    this.#openTokenizer = openTokenizer
    this.#log = log
  }

  /** @throws AppError `model-damaged`; the next call tries again */
  get(modelDir: string): Promise<TokenizerPort> {
    const known = this.#open.get(modelDir)
    if (known) return known
    const opening = this.#openTokenizer(modelDir)
    this.#open.set(modelDir, opening)
    opening.catch(() => this.#open.delete(modelDir))
    return opening
  }

  /** Closes those of models that are no longer in use. */
  keepOnly(modelDirs: ReadonlySet<string>): void {
    for (const modelDir of this.#open.keys()) if (!modelDirs.has(modelDir)) void this.#close(modelDir)
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.keys()].map((modelDir) => this.#close(modelDir)))
  }

  async #close(modelDir: string): Promise<void> {
    const opening = this.#open.get(modelDir)
    this.#open.delete(modelDir)
    try {
      await (await opening)?.close()
    } catch (error) {
      this.#log.warn('tokenizer did not close', { modelDir, error })
    }
  }
}
