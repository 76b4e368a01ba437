import { useClusterStore } from '../../../store/cluster-store.ts'
import { useSettingsStore } from '../../../store/settings-store.ts'
import { addPaceSample, paceOf, type PaceSample } from './download-pace.ts'
import { selectDownloads } from './select-downloads.ts'

/** What was on the disk before a download counts as done within its first moments. */
const SETTLE_MS = 3_000
/** Smaller changes are not worth a write. */
const NOTICEABLE = 0.1

/**
 * Remembers how fast this machine last downloaded from the hub, all downloads together, so that the next one can be foretold.
 *
 * @param now - milliseconds of a clock that never jumps
 */
export function keepHubRate(now: () => number): () => void {
  let running = ''
  let sinceMs = 0
  let samples: readonly PaceSample[] = []
  return useClusterStore.subscribe((state) => {
    const own = selectDownloads(state).filter(
      ({ nodeId, status, source }) => nodeId === state.view?.nodeId && status === 'running' && source === 'hub',
    )
    const ids = own.map(({ id }) => id).join()
    const atMs = now()
    if (ids !== running) {
      running = ids
      sinceMs = atMs
      samples = []
    }
    const doneBytes = own.reduce((sum, download) => sum + download.doneBytes, 0)
    if (ids === '' || atMs - sinceMs < SETTLE_MS || samples.at(-1)?.doneBytes === doneBytes) return
    samples = addPaceSample(samples, { atMs, doneBytes })
    const rate = paceOf(samples)
    const known = useSettingsStore.getState().hubBytesPerSecond
    if (rate !== null && rate > 0 && Math.abs(rate - (known ?? 0)) > NOTICEABLE * rate)
      useSettingsStore.setState({ hubBytesPerSecond: rate })
  })
}
