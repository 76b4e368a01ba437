import { afterEach, beforeEach, expect, it } from 'vitest'
import { useClusterStore } from '../../../store/cluster-store.ts'
import { useSettingsStore } from '../../../store/settings-store.ts'
import { keepHubRate } from './keep-hub-rate.ts'

const MB = 1e6
let atMs = 0
let stop = (): void => undefined
beforeEach(() => {
  atMs = 0
  stop = keepHubRate(() => atMs)
})
afterEach(() => {
  stop()
  useClusterStore.setState(useClusterStore.getInitialState(), true)
  useSettingsStore.setState(useSettingsStore.getInitialState(), true)
})

const download = (doneBytes: number, changes: object = {}) => ({
  id: 'd',
  modelId: 'org/far',
  nodeId: 'a',
  status: 'running',
  doneBytes,
  totalBytes: 1e12,
  source: 'hub',
  savedBytes: 0,
  message: null,
  ...changes,
})
/** Downloads at this speed for ten seconds. */
function runs(bytesPerSecond: number, changes: object = {}, startBytes = 0): void {
  for (let second = 0; second <= 10; second++) {
    const downloads = [download(startBytes + second * bytesPerSecond, changes)]
    useClusterStore.setState({ view: { nodeId: 'a', nodes: {}, instances: {}, downloads } as never })
    atMs += 1000
  }
}
const rate = (): number | null => useSettingsStore.getState().hubBytesPerSecond

it('is the speed of the last download, also after it ended', () => {
  expect(rate()).toBeNull()
  runs(12 * MB)
  useClusterStore.setState({ view: { nodeId: 'a', nodes: {}, instances: {}, downloads: [] } as never })
  expect(rate()).toBe(12 * MB)
  runs(3 * MB, { id: 'next' })
  expect(rate()).toBe(3 * MB)
})
it('leaves out what was on the disk before', () => {
  runs(0)
  runs(2 * MB, { id: 'resumed' }, 500 * MB)
  expect(rate()).toBe(2 * MB)
})
it.each([
  ['of another machine', { nodeId: 'b' }],
  ['from a peer', { source: 'b' }],
  ['that is paused', { status: 'paused' }],
])('does not count a download %s', (_name, changes) => {
  runs(12 * MB, changes)
  expect(rate()).toBeNull()
})
