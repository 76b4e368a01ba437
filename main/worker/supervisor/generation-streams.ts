import { StreamQueue } from '../../platform/waiting/stream-queue.ts'
import { AppError } from '../../shared/app-error.ts'
import type { GenerationEvent, GenerationPart } from '../../shared/inference/generation.ts'
import type { GenerationId } from '../../shared/ids.ts'

/** The running generations of one worker, each with the queue to its reader. */
export class GenerationStreams {
  readonly #queues = new Map<GenerationId, StreamQueue<GenerationPart>>()
  readonly #maxBufferedParts: number

  constructor(maxBufferedParts: number) {
    this.#maxBufferedParts = maxBufferedParts
  }

  get count(): number {
    return this.#queues.size
  }

  has(generationId: GenerationId): boolean {
    return this.#queues.has(generationId)
  }

  open(generationId: GenerationId): StreamQueue<GenerationPart> {
    if (this.#queues.has(generationId)) {
      throw new AppError('duplicate-generation', `Generation ${generationId} is already running.`, { generationId })
    }
    const queue = new StreamQueue<GenerationPart>()
    this.#queues.set(generationId, queue)
    return queue
  }

  /** @returns false if the reader is so far behind that the generation must be cancelled */
  deliver(event: GenerationEvent): boolean {
    const queue = this.#queues.get(event.generationId)
    if (!queue) return true // still in transit when the generation was abandoned
    if (event.type === 'generation-error') {
      this.fail(event.generationId, new AppError(event.code, event.message, { generationId: event.generationId }))
      return true
    }
    queue.push(event)
    if (event.type === 'generation-end') {
      this.#queues.delete(event.generationId)
      queue.end()
      return true
    }
    if (queue.weight <= this.#maxBufferedParts) return true
    queue.fail(
      new AppError('consumer-too-slow', 'The client read the answer too slowly; it was cancelled.', {
        generationId: event.generationId,
      }),
    )
    return false
  }

  fail(generationId: GenerationId, error: unknown): void {
    const queue = this.#queues.get(generationId)
    this.#queues.delete(generationId)
    queue?.fail(error)
  }

  failAll(error: unknown): void {
    for (const generationId of [...this.#queues.keys()]) this.fail(generationId, error)
  }
}
