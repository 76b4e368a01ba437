// @vitest-environment happy-dom
import { screen } from '@testing-library/react'
import { afterEach, describe, expect, it } from 'vitest'
import { clearView, renderView } from '../../services/__fixtures__/render-view.tsx'
import { useClusterStore } from '../../store/cluster-store.ts'
import { InstancePanel } from './InstancePanel.tsx'
import { instanceStrings as labels } from './strings.ts'

afterEach(clearView)

const shard = (changes: object = {}) => ({
  nodeId: 'a',
  rank: 0,
  stage: 0,
  layers: { start: 0, end: 4 },
  weightBytes: 100,
  residentBytes: 0,
  status: 'ready',
  ...changes,
})

function renderInstance(changes: object, downloads: object[] = [], sensors: object = {}): void {
  const instance = {
    modelId: 'org/m',
    strategy: 'pipeline',
    backend: 'local',
    status: 'ready',
    shards: [shard()],
    decodeTokensPerSecond: null,
    prefillTokensPerSecond: null,
    ...changes,
  }
  const nodes = { a: { name: 'studio', totalBytes: 1000, availableBytes: 500, sensors } }
  useClusterStore.setState({ view: { nodeId: 'a', nodes, instances: { i: instance }, downloads } as never })
  renderView(<InstancePanel instanceId="i" />)
}
const isHidden = (text: string) => screen.getByText(text).closest('details')?.open === false

describe('a loaded model', () => {
  it('B10: folds away what went wrong before it was ready, each reason once', () => {
    renderInstance({ reasons: ['no route', 'no route', 'a machine left the cluster'] })
    expect(isHidden('no route')).toBe(true)
    expect(isHidden('a machine left the cluster')).toBe(true)
    expect(screen.getByText(labels.earlier(2))).toBeTruthy()
  })
  it('B10: shows why it has failed, and folds away the tries before', () => {
    renderInstance({ status: 'failed', reasons: ['no route', 'no memory'] })
    expect(screen.getByText('no memory').closest('details')).toBeNull()
    expect(isHidden('no route')).toBe(true)
  })
  it('B38: shows how much of its files has come, and no layers as held before', () => {
    const download = { modelId: 'org/m', nodeId: 'a', status: 'running', doneBytes: 3e9, totalBytes: 4e9 }
    renderInstance({ status: 'loading', shards: [shard({ status: 'fetching' })] }, [download])
    expect(screen.getByRole('progressbar', { name: labels.downloadingTo('studio') }).getAttribute('value')).toBe('3000000000')
    expect(screen.getByText(labels.downloadedOf('3.0 GB', '4.0 GB'))).toBeTruthy()
    expect(document.querySelector('.layer-range')?.getAttribute('data-loading')).toBe('true')
  })
  it('F19: shows its tokens per watt while it answers, unless its machine does not tell its power', () => {
    const answering = { running: 1, decodeTokensPerSecond: 30 }
    renderInstance(answering, [], { watts: 60, gpuRatio: 0.9 })
    expect(screen.getByText(labels.perWatt).closest('p')?.textContent).toContain('0.50')
    clearView()
    renderInstance(answering, [], { gpuRatio: 0.9 })
    expect(screen.queryByText(labels.perWatt)).toBeNull()
    clearView()
    renderInstance({ ...answering, running: 0 }, [], { watts: 60 })
    expect(screen.queryByText(labels.perWatt)).toBeNull()
  })
})
