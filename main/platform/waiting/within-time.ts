import type { Clock } from '../clock.ts'

/**
 * Throws `late()` if `work` takes longer than `limitMs`, and the signal's reason if that aborts. The work receives a
 * signal that aborts in both cases, and is not waited for if it ignores it.
 */
export async function withinTime<Result>(
  work: (signal: AbortSignal) => Promise<Result>,
  limitMs: number,
  late: () => unknown,
  clock: Pick<Clock, 'sleep'>,
  signal: AbortSignal,
): Promise<Result> {
  const ended = new AbortController()
  const either = AbortSignal.any([signal, ended.signal])
  const isOver = clock.sleep(limitMs, either).then(() => {
    throw late()
  })
  isOver.catch(() => undefined)
  try {
    return await Promise.race([work(either), isOver])
  } finally {
    ended.abort()
  }
}
