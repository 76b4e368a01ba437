import { StreamQueue } from '../../platform/waiting/stream-queue.ts'

interface Arrival<T> {
  readonly iterator: AsyncIterator<T>
  readonly result: IteratorResult<T>
}

/**
 * Runs `sources` with at most `limit` open at a time and yields their items as they arrive. The order within a source
 * is kept. The first failure ends all.
 */
export async function* mergeBounded<T>(sources: readonly (() => AsyncIterable<T>)[], limit: number): AsyncGenerator<T, void, undefined> {
  const waiting = [...sources]
  const open = new Set<AsyncIterator<T>>()
  // Not Promise.race: a silent source would retain the items of the others. Each open source has at most one item here.
  const arrived = new StreamQueue<Arrival<T>>()
  const advance = (iterator: AsyncIterator<T>): void => {
    const fail = (error: unknown): void => arrived.fail(error)
    iterator.next().then((result) => arrived.push({ iterator, result }), fail)
  }
  const openNext = (): void => {
    const source = waiting.shift()
    if (!source) return
    const iterator = source()[Symbol.asyncIterator]()
    open.add(iterator)
    advance(iterator)
  }
  try {
    while (open.size < limit && waiting.length > 0) openNext()
    while (open.size > 0) {
      const { iterator, result } = ((await arrived.next()) as IteratorYieldResult<Arrival<T>>).value
      if (result.done) {
        open.delete(iterator)
        openNext()
        continue
      }
      yield result.value
      advance(iterator)
    }
  } finally {
    // Not awaited: an iterator that waits for its next item ends only when the caller's signal aborts.
    for (const iterator of open) void Promise.resolve(iterator.return?.()).catch(() => undefined)
  }
}
