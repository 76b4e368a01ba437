import type { Log } from '../../platform/log/log.ts'
import { pending } from '../../platform/waiting/pending.ts'
import { AppError } from '../../shared/app-error.ts'

/** The lifetime of a node: the steps that stop it, and the failure that ends it. */
export class NodeLife {
  readonly #log: Pick<Log, 'error'>
  readonly #stopping = new AbortController()
  /** Its host may already be stopping the node. */
  readonly #failing = pending<never>()
  /** In the order of starting; run in reverse order. */
  readonly #stops: (() => Promise<void>)[] = []
  #drain: (limitMs: number) => Promise<void> = async () => undefined

  constructor(log: Pick<Log, 'error'>) {
    this.#log = log
  }

  /** Aborts when the node stops. */
  get signal(): AbortSignal {
    return this.#stopping.signal
  }

  /** Rejects when the node cannot continue; never resolves. */
  get failed(): Promise<never> {
    return this.#failing.promise
  }

  fail(error: unknown): void {
    this.#failing.reject(error)
  }

  /** Adds a step. The last one added runs first. */
  onStop(step: () => Promise<void>): void {
    this.#stops.push(step)
  }

  onDrain(drain: (limitMs: number) => Promise<void>): void {
    this.#drain = drain
  }

  async stop({ drainMs = 0 }: { readonly drainMs?: number } = {}): Promise<void> {
    if (drainMs > 0) await this.#drain(drainMs)
    this.#stopping.abort(new AppError('cancelled', 'The node is stopping.'))
    for (const step of this.#stops.splice(0).reverse()) {
      await step().catch((error: unknown) => this.#log.error('stopping failed', { error }))
    }
  }
}
