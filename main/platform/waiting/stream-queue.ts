interface Waiter<Item> {
  resolve(result: IteratorResult<Item>): void
  reject(reason: unknown): void
}

/**
 * Connects one or more producers to a single consumer that iterates. Items have weights. The queue accepts every item,
 * so producers must check `weight` and stop when it is too high.
 */
export class StreamQueue<Item> implements AsyncIterableIterator<Item> {
  readonly #items: { item: Item; weight: number }[] = []
  #weight = 0
  #waiter: Waiter<Item> | null = null
  #ending: { error?: unknown } | null = null
  readonly #belowListeners = new Set<() => void>()

  /** Total weight of the items that wait for the consumer. */
  get weight(): number {
    return this.#weight
  }

  get isEnded(): boolean {
    return this.#ending !== null
  }

  push(item: Item, weight = 1): void {
    if (this.#ending) return
    if (this.#waiter) {
      this.#waiter.resolve({ value: item, done: false })
      this.#waiter = null
      return
    }
    this.#items.push({ item, weight })
    this.#weight += weight
  }

  /** Ends the queue; earlier items are still delivered. */
  end(): void {
    this.#finish({})
  }

  /** Throws the error to the consumer after delivering earlier items. */
  fail(error: unknown): void {
    this.#finish({ error })
  }

  /** Resolves when the consumer has reduced `weight` to `limit` or less, or has left. */
  async whenAtMost(limit: number, signal?: AbortSignal): Promise<void> {
    while (this.#weight > limit) {
      await new Promise<void>((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const settle = (): void => {
          this.#belowListeners.delete(settle)
          signal?.removeEventListener('abort', abort)
          resolve()
        }
        const abort = (): void => {
          this.#belowListeners.delete(settle)
          reject(signal?.reason)
        }
        this.#belowListeners.add(settle)
        signal?.addEventListener('abort', abort, { once: true })
      })
    }
  }

  next(): Promise<IteratorResult<Item>> {
    const first = this.#items.shift()
    if (first) {
      this.#weight -= first.weight
      this.#notify()
      return Promise.resolve({ value: first.item, done: false })
    }
    if (this.#ending) {
      const { error } = this.#ending as { error?: Error }
      this.#ending = {}
      return error === undefined ? Promise.resolve({ value: undefined, done: true }) : Promise.reject(error)
    }
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject }
    })
  }

  return(): Promise<IteratorResult<Item>> {
    this.#items.length = 0
    this.#weight = 0
    this.#finish({})
    this.#notify()
    return Promise.resolve({ value: undefined, done: true })
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #finish(ending: { error?: unknown }): void {
    if (this.#ending) return
    this.#ending = ending
    this.#notify()
    const waiter = this.#waiter
    this.#waiter = null
    if (!waiter) return
    this.#ending = {}
    if (ending.error === undefined) waiter.resolve({ value: undefined, done: true })
    else waiter.reject(ending.error)
  }

  #notify(): void {
    for (const listener of [...this.#belowListeners]) listener()
  }
}
