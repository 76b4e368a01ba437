import type { GenerationPart } from '../../shared/inference/generation.ts'

/**
 * The reader's end of a generation. `leave` is called once: at the end, at a failure, or when the reader leaves, even
 * if it never read (in which case a generator's `finally` would not run).
 */
export class GenerationReader implements AsyncIterableIterator<GenerationPart> {
  readonly #parts: AsyncIterableIterator<GenerationPart>
  #leave: (() => void) | null

  constructor(parts: AsyncIterableIterator<GenerationPart>, leave: () => void) {
    this.#parts = parts
    this.#leave = leave
  }

  async next(): Promise<IteratorResult<GenerationPart>> {
    try {
      const result = await this.#parts.next()
      if (result.done) this.#left()
      return result
    } catch (error) {
      this.#left()
      throw error
    }
  }

  async return(): Promise<IteratorResult<GenerationPart>> {
    this.#left()
    await this.#parts.return?.()
    return { value: undefined, done: true }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #left(): void {
    this.#leave?.()
    this.#leave = null
  }
}
