import { create } from 'zustand'
import type { ClusterView } from '../../../main/shared/cluster-view.ts'
import { useClusterStore } from '../../store/cluster-store.ts'
import { firstRefresh, nextRefresh, type Refresh } from './next-refresh.ts'

/** The rates of all instances together at one moment. */
export interface RateSample {
  readonly atMs: number
  readonly decodeTokensPerSecond: number
  readonly prefillTokensPerSecond: number
  /** Mean of the latest values of each instance; null: there are no recent ones. */
  readonly ttftMs: number | null
  /** Number of requests. */
  readonly running: number
  readonly waiting: number
}

export interface RateStoreState {
  readonly samples: readonly RateSample[]
  readonly historyRefresh: Refresh
}

const SAMPLE_MS = 1000
const MOST_SAMPLES = 3600

export const useRateStore = create<RateStoreState>(() => ({ samples: [], historyRefresh: firstRefresh }))

export function sampleRates(view: ClusterView, atMs: number): RateSample {
  const instances = Object.values(view.instances)
  const sum = (of: (instance: (typeof instances)[number]) => number | null | undefined): number =>
    instances.reduce((total, instance) => total + (of(instance) ?? 0), 0)
  const ttfts = instances.flatMap(({ ttftMs }) => ttftMs ?? [])
  return {
    atMs,
    decodeTokensPerSecond: sum((instance) => instance.decodeTokensPerSecond),
    prefillTokensPerSecond: sum((instance) => instance.prefillTokensPerSecond),
    ttftMs: ttfts.length === 0 ? null : ttfts.reduce((total, ttftMs) => total + ttftMs, 0) / ttfts.length,
    running: sum((instance) => instance.running),
    waiting: sum((instance) => instance.waiting),
  }
}

/** Whether requests began or ended between two samples. */
export function hasMoved(before: RateSample, after: RateSample): boolean {
  return (
    before.running !== after.running ||
    before.waiting !== after.waiting ||
    before.ttftMs !== after.ttftMs ||
    before.decodeTokensPerSecond > 0 !== after.decodeTokensPerSecond > 0
  )
}

/** Samples the rates every second and keeps one hour, as long as the page is open. */
export function startRateSampling(): void {
  setInterval(() => {
    const { view, connection } = useClusterStore.getState()
    if (view === null || connection !== 'live') return
    useRateStore.setState(({ samples, historyRefresh }) => {
      const sample = sampleRates(view, Date.now())
      const previous = samples.at(-1)
      return {
        samples: [...samples.slice(1 - MOST_SAMPLES), sample],
        historyRefresh: nextRefresh(historyRefresh, previous !== undefined && hasMoved(previous, sample), sample.atMs),
      }
    })
  }, SAMPLE_MS)
}
