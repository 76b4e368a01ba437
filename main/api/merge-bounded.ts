/**
 * Runs `sources` with at most `limit` open at a time and yields their items as they come. Order is kept within a source.
 * The first failure ends all.
 */
export async function* mergeBounded<T>(sources: readonly (() => AsyncIterable<T>)[], limit: number): AsyncGenerator<T, void, undefined> {
  const waiting = [...sources]
  const open = new Map<AsyncIterator<T>, Promise<{ iterator: AsyncIterator<T>; result: IteratorResult<T> }>>()
  const advance = (iterator: AsyncIterator<T>): void => {
    const next = iterator.next().then((result) => ({ iterator, result }))
    next.catch(() => undefined) // raced below; the losers of a failed race have nobody else to report to
    open.set(iterator, next)
  }
  const openNext = (): void => {
    const source = waiting.shift()
    if (source) advance(source()[Symbol.asyncIterator]())
  }
  try {
    while (open.size < limit && waiting.length > 0) openNext()
    while (open.size > 0) {
      const { iterator, result } = await Promise.race(open.values())
      if (result.done) {
        open.delete(iterator)
        openNext()
        continue
      }
      yield result.value
      advance(iterator)
    }
  } finally {
    // Not awaited: an iterator that waits for its next item ends only when the caller's signal does.
    for (const iterator of open.keys()) void Promise.resolve(iterator.return?.()).catch(() => undefined)
  }
}
