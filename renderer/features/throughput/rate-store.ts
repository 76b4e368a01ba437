import { create } from 'zustand'
import type { ClusterView } from '../../../main/shared/cluster-view.ts'
import { useClusterStore } from '../../store/cluster-store.ts'

/** Of all instances together, at one moment. */
export interface RateSample {
  readonly atMs: number
  readonly decodeTokensPerSecond: number
  readonly prefillTokensPerSecond: number
}

const SAMPLE_MS = 1000
const MOST_SAMPLES = 3600

export const useRateStore = create<{ readonly samples: readonly RateSample[] }>(() => ({ samples: [] }))

export function sampleRates(view: ClusterView, atMs: number): RateSample {
  const instances = Object.values(view.instances)
  return {
    atMs,
    decodeTokensPerSecond: instances.reduce((sum, instance) => sum + (instance.decodeTokensPerSecond ?? 0), 0),
    prefillTokensPerSecond: instances.reduce((sum, instance) => sum + (instance.prefillTokensPerSecond ?? 0), 0),
  }
}

/** Notes the rates each second, for an hour's curve, as long as the page lives. */
export function startRateSampling(): void {
  setInterval(() => {
    const { view, connection } = useClusterStore.getState()
    if (view === null || connection !== 'live') return
    useRateStore.setState(({ samples }) => ({ samples: [...samples.slice(1 - MOST_SAMPLES), sampleRates(view, Date.now())] }))
  }, SAMPLE_MS)
}
