import { describe, expect, it } from 'vitest'
import { ClusterView } from '../../shared/cluster-view.ts'
import { InstanceId, NodeId } from '../../shared/ids.ts'
import { aPlacement, after, becameReady, cable, created, ethernet, GB, joined } from './__fixtures__/builders.ts'
import { toClusterView } from './cluster-view.ts'

describe('toClusterView', () => {
  it('shows what every node sees, in the shape of GET /state', () => {
    const [wire] = ethernet('a', 'b')
    const [rdma] = cable('a', 'rdma_en2', 'b', 'rdma_en3')
    const placement = { ...aPlacement('a', 'b'), fallbacks: [{ from: 'JACCL mesh', to: 'TCP ring', reason: 'no cable between a and b' }] }
    const state = after(
      ...joined('a', 'b'),
      { type: 'link-observed', link: wire! },
      { type: 'link-observed', link: rdma! },
      created('x', placement),
      ...becameReady('x', 1, 2),
    )
    const b = NodeId.parse('b')
    const view = toClusterView(
      state,
      { nodeId: NodeId.parse('a'), clusterName: 'desk', leader: { nodeId: b, term: 7 } },
      {
        availableBytes: { [b]: 40 * GB },
        rates: { x: { decodeTokensPerSecond: 30, prefillTokensPerSecond: 400, running: 2, waiting: 1 } } as never,
        shards: [
          {
            instanceId: InstanceId.parse('x'),
            rank: 1,
            kvBytes: 5,
            prefixCacheBytes: 6,
            loadedRatio: 1,
            peakBytes: 2 * GB,
            sentBytes: 7,
            moves: 3,
          },
        ],
        firstTokens: [
          { instanceId: InstanceId.parse('x'), ttftMs: 80, atEpochMs: 2 },
          { instanceId: InstanceId.parse('x'), ttftMs: 90, atEpochMs: 1 },
          { instanceId: InstanceId.parse('y'), ttftMs: 70, atEpochMs: 3 },
        ],
        downloads: [],
      },
    )
    const node = {
      platform: 'darwin',
      chip: 'Apple M4 Max',
      model: null,
      totalBytes: 64 * GB,
      addresses: [],
      apiPort: 8080,
      version: '0.1.0',
    }
    expect(ClusterView.parse(view)).toEqual({
      nodeId: 'a',
      clusterName: 'desk',
      leader: { nodeId: 'b', term: 7 },
      nodes: {
        a: { ...node, name: 'a', availableBytes: 0, status: 'follower' },
        b: { ...node, name: 'b', availableBytes: 40 * GB, status: 'leader' },
      },
      links: [
        {
          from: 'a',
          to: 'b',
          kind: 'tcp',
          address: '10.0.0.b',
          medium: wire!.kind === 'tcp' ? wire!.medium : null,
          sealed: true,
          roundTripMs: 1,
        },
        { from: 'a', to: 'b', kind: 'rdma', device: 'rdma_en2', roundTripMs: null },
      ],
      instances: {
        x: {
          modelId: 'org/model',
          strategy: 'pipeline',
          backend: 'ring',
          epoch: 1,
          status: 'ready',
          shards: [
            { nodeId: 'a', rank: 0, stage: 1, layers: { start: 1, end: 2 }, weightBytes: GB, residentBytes: GB, status: 'ready' },
            {
              nodeId: 'b',
              rank: 1,
              stage: 0,
              layers: { start: 0, end: 1 },
              weightBytes: GB,
              residentBytes: GB,
              kvBytes: 5,
              prefixCacheBytes: 6,
              loadedRatio: 1,
              peakBytes: 2 * GB,
              sentBytes: 7,
              status: 'ready',
            },
          ],
          rdmaMatrix: null,
          decodeTokensPerSecond: 30,
          prefillTokensPerSecond: 400,
          ttftMs: 80,
          running: 2,
          waiting: 1,
          reasons: ['TCP ring instead of JACCL mesh: no cable between a and b'],
        },
      },
      downloads: [],
    })
  })

  it('F7: shows where large packets are lost, as long as both ends are there', () => {
    const [a, b] = [NodeId.parse('a'), NodeId.parse('b')]
    const here = after(...joined('a', 'b'))
    const state = after(...joined('a', 'b'), {
      type: 'node-updated',
      node: {
        ...here.nodes[a]!,
        narrowPaths: [
          { to: b, address: '10.0.0.b' },
          { to: NodeId.parse('c'), address: '10.0.0.c' },
        ],
      },
    })
    const view = toClusterView(state, { nodeId: a, clusterName: 'desk', leader: null }, { availableBytes: {}, rates: {}, downloads: [] })
    expect(ClusterView.parse(view).narrowPaths).toEqual([{ from: 'a', to: 'b', address: '10.0.0.b' }])
  })
})
