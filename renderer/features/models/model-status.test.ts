import { describe, expect, it } from 'vitest'
import type { ClusterView } from '../../../main/shared/cluster-view.ts'
import { modelStatus } from './model-status.ts'

const shard = (changes: object = {}) => ({ nodeId: 'a', status: 'loading', ...changes })
const instance = (status: string, changes: object = {}) => ({
  modelId: 'org/m',
  status,
  shards: [shard()],
  decodeTokensPerSecond: 31,
  ...changes,
})
const view = (instances: object[], downloads: object[] = []): ClusterView =>
  ({ instances: Object.fromEntries(instances.map((each, index) => [`i${index}`, each])), downloads }) as never
const status = (instances: object[], downloads: object[] = []) => modelStatus(view(instances, downloads), 'org/m')

describe('the state of a model', () => {
  it('is the best of its instances', () => {
    expect(status([instance('failed'), instance('ready')])).toEqual({ kind: 'ready', tokensPerSecond: 31 })
    expect(status([instance('ready', { modelId: 'org/other' })])).toEqual({ kind: 'idle' })
  })
  it('B16: is failed or recovering, and not healthy', () => {
    expect(status([instance('failed', { reasons: ['first', 'no memory'] })])).toEqual({ kind: 'failed', reason: 'no memory' })
    expect(status([instance('recovering')])).toEqual({ kind: 'recovering' })
  })
  it('is as far as its slowest machine', () =>
    expect(
      status([instance('loading', { shards: [shard({ loadedRatio: 0.7 }), shard({ loadedRatio: 0.4 }), shard({ status: 'ready' })] })]),
    ).toEqual({
      kind: 'loading',
      ratio: 0.4,
    }))
  it('is downloading while its files come, on all machines together', () => {
    const download = { modelId: 'org/m', status: 'running', doneBytes: 1, totalBytes: 4 }
    expect(status([instance('loading')], [download, download, { ...download, status: 'paused' }])).toEqual({
      kind: 'downloading',
      doneBytes: 2,
      totalBytes: 8,
    })
  })
})
