import type { Clock } from '../platform/clock.ts'

/** `unknown`: the test was inconclusive, for example because the peer is busy or has an earlier version. */
export type PathWidth = 'wide' | 'narrow' | 'unknown'

/** A packet that is lost by chance has been retransmitted four times by then. */
const NARROW_AFTER_MS = 3_200
/** A small exchange that starts after the large one and ends before it proves that the peer is there and responsive. */
const SMALL_EXCHANGES = 3
const PAUSE_MS = 800
/** Where packets are lost by chance, one exchange can stall. Further ones, each on its own connection, hardly all do. */
const MOST_LARGE_EXCHANGES = 3
const GIVE_UP_MS = 20_000

export interface PathProbes {
  /** Ends only with the signal if large packets are lost. @returns whether they passed */
  exchangeLarge(signal: AbortSignal): Promise<boolean>
  /** Whether the peer answers small packets, within its own time limit. */
  exchangeSmall(signal: AbortSignal): Promise<boolean>
}

/**
 * Tests whether a path carries large packets. A path that loses them looks fine to everything small: connections,
 * heartbeats, handshakes.
 */
export async function judgePathWidth(
  { exchangeLarge, exchangeSmall }: PathProbes,
  clock: Pick<Clock, 'now' | 'sleep'>,
  signal: AbortSignal,
): Promise<PathWidth> {
  const ended = new AbortController()
  const until = AbortSignal.any([signal, ended.signal])
  const startedAtMs = clock.now()
  let outcome: PathWidth | null = null
  const large: Promise<void>[] = []
  try {
    let answers = 0
    while (outcome === null && !signal.aborted && clock.now() - startedAtMs < GIVE_UP_MS) {
      if (large.length < MOST_LARGE_EXCHANGES)
        large.push(exchangeLarge(until).then((hasPassed) => void (outcome ??= hasPassed ? 'wide' : 'unknown')))
      await Promise.race([...large, clock.sleep(PAUSE_MS, until).catch(() => undefined)])
      if (outcome !== null || signal.aborted || !(await exchangeSmall(until)) || outcome !== null) continue
      answers += 1
      if (answers >= SMALL_EXCHANGES && clock.now() - startedAtMs >= NARROW_AFTER_MS) outcome = 'narrow'
    }
    return signal.aborted ? 'unknown' : (outcome ?? 'unknown')
  } finally {
    ended.abort()
  }
}
