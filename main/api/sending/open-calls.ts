import type { FastifyReply } from 'fastify'
import { AppError } from '../../shared/app-error.ts'
import type { Timers } from '../api-dependencies.ts'

/** How long a stream that ends because the node stops may take to notify its client. */
const LAST_WORDS_MS = 1000

/** The most background calls at the same time. */
const MOST_DETACHED = 64

const stopping = (): AppError =>
  new AppError('node-stopping', 'The node is stopping, so the answer is incomplete. Retry on another node, or here once it has restarted.')

/** Whether a call ended because the node stops, and not because its client hung up. */
export function isStopping(signal: AbortSignal): boolean {
  return signal.aborted && signal.reason instanceof AppError && signal.reason.code === 'node-stopping'
}

/** The calls that are using models: they end when their clients disconnect or the node stops. */
export class OpenCalls {
  readonly #calls = new Set<AbortController>()
  readonly #replies = new Set<FastifyReply>()
  readonly #waiting = new Set<() => void>()
  #isDraining = false
  #detached = 0
  readonly #timers: Timers

  constructor(timers: Timers) {
    this.#timers = timers
  }

  /** New calls are refused: the node stops as soon as the running ones are done. */
  get isDraining(): boolean {
    return this.#isDraining
  }

  get size(): number {
    return this.#calls.size
  }

  async run<T>(reply: FastifyReply, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const call = new AbortController()
    const onClose = (): void => {
      this.#replies.delete(reply)
      this.#tellWaiting()
      if (!reply.raw.writableFinished) call.abort(new AppError('cancelled', 'The client disconnected.'))
    }
    this.#calls.add(call)
    this.#replies.add(reply)
    reply.raw.once('close', onClose)
    if (reply.raw.destroyed) onClose()
    try {
      return await work(call.signal)
    } catch (error) {
      // Whatever the error became on its way here, the cause is that the node is stopping.
      throw isStopping(call.signal) ? call.signal.reason : error
    } finally {
      this.#calls.delete(call)
      this.#tellWaiting()
    }
  }

  /** @throws AppError `engine-busy` */
  refuseMoreDetached(): void {
    if (this.#detached >= MOST_DETACHED)
      throw new AppError('engine-busy', `${MOST_DETACHED} background responses are already running. Wait for one to finish, or cancel one.`)
  }

  /** Runs a call that continues without its client until it ends or the node stops. */
  async runDetached(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const call = new AbortController()
    this.#calls.add(call)
    this.#detached += 1
    try {
      await work(call.signal)
    } finally {
      this.#detached -= 1
      this.#calls.delete(call)
      this.#tellWaiting()
    }
  }

  /** Resolves when no calls are running, after `limitMs` at the latest. */
  async drain(limitMs: number): Promise<void> {
    this.#isDraining = true
    await this.#until(() => this.#calls.size === 0 && this.#replies.size === 0, limitMs)
  }

  /** Ends the running calls; resolves when their clients have been notified. */
  async end(): Promise<void> {
    this.#isDraining = true
    for (const call of this.#calls) call.abort(stopping())
    await this.#until(() => this.#replies.size === 0, LAST_WORDS_MS)
  }

  #tellWaiting(): void {
    for (const look of this.#waiting) look()
  }

  #until(isDone: () => boolean, limitMs: number): Promise<void> {
    const ended = new AbortController()
    return new Promise((resolve) => {
      const end = (): void => {
        ended.abort()
        this.#waiting.delete(look)
        resolve()
      }
      const look = (): void => {
        if (isDone()) end()
      }
      this.#timers.sleep(limitMs, ended.signal).then(end, () => undefined)
      this.#waiting.add(look)
      look()
    })
  }
}
