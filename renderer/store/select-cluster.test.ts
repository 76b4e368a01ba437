import { describe, expect, it } from 'vitest'
import { ClusterView } from '../../main/shared/cluster-view.ts'
import { applyStateEvent, type ClusterStoreState } from './cluster-store.ts'
import {
  selectInstanceIds,
  selectLoadedModels,
  selectMachinesOf,
  selectNode,
  selectNodeIds,
  selectWeightBytesOn,
} from './select-cluster.ts'

const aNode = (name: string) => ({
  name,
  platform: 'darwin',
  chip: 'M4',
  totalBytes: 100,
  availableBytes: 50,
  addresses: [],
  apiPort: 8080,
  version: '1',
  status: 'ready',
})
const shard = (nodeId: string, residentBytes: number) => ({
  nodeId,
  rank: 0,
  stage: 0,
  layers: { start: 0, end: 1 },
  weightBytes: residentBytes,
  residentBytes,
  status: 'ready',
})
const anInstance = (modelId: string, shards: object[]) => ({
  modelId,
  strategy: 'pipeline',
  backend: 'ring',
  epoch: 1,
  status: 'ready',
  shards,
  rdmaMatrix: null,
  decodeTokensPerSecond: 1,
  prefillTokensPerSecond: 2,
})
const view = ClusterView.parse({
  nodeId: 'c',
  clusterName: 'desk',
  leader: null,
  nodes: { a: aNode('mac-10'), b: aNode('mac-2'), c: aNode('zebra') },
  links: [],
  instances: { i2: anInstance('org/b', [shard('a', 5)]), i1: anInstance('org/a', [shard('a', 7), shard('b', 9)]) },
  downloads: [],
})
const state: ClusterStoreState = { view, membership: null, connection: 'live' }

describe('selectors', () => {
  it('keep an order that patches do not change: this machine, then names as people count', () => {
    const patched = applyStateEvent(view, { type: 'patch', operations: [{ op: 'replace', path: '/nodes/b/availableBytes', value: 1 }] })
    expect(Object.keys(patched?.nodes ?? {})).not.toEqual(Object.keys(view.nodes))
    for (const current of [view, patched])
      expect(selectNodeIds({ view: current, membership: null, connection: 'live' })).toEqual(['c', 'b', 'a'])
    expect(selectInstanceIds(state)).toEqual(['i1', 'i2'])
  })
  it('leave what a patch does not touch as it is, so that its row does not render', () => {
    const patched = applyStateEvent(view, { type: 'patch', operations: [{ op: 'replace', path: '/nodes/b/availableBytes', value: 1 }] })
    expect(selectNode('a')({ view: patched, membership: null, connection: 'live' })).toBe(selectNode('a')(state))
    expect(selectNode('b')({ view: patched, membership: null, connection: 'live' })?.availableBytes).toBe(1)
  })
  it('add up what a node holds of all models', () => {
    expect(['a', 'b', 'c'].map((nodeId) => selectWeightBytesOn(nodeId)(state))).toEqual([12, 9, 0])
    expect(selectLoadedModels(state)).toBe('org/a ready\norg/b ready')
  })
  it('count the machines on which a model is ready', () => {
    expect(['org/a', 'org/b', 'org/none', null].map((modelId) => selectMachinesOf(modelId)(state))).toEqual([2, 1, 0, 0])
  })
  it('have something to say before the first snapshot', () => {
    const none: ClusterStoreState = { view: null, membership: null, connection: 'connecting' }
    expect([selectNodeIds(none), selectInstanceIds(none), selectNode('a')(none), selectWeightBytesOn('a')(none)]).toEqual([
      [],
      [],
      undefined,
      0,
    ])
  })
})
