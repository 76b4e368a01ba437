import { describe, expect, it } from 'vitest'
import { InstanceId } from '../../shared/ids.ts'
import type { ClusterEvent } from '../../shared/wire/peer/cluster-event.ts'
import {
  aCard,
  aNode,
  aPlacement,
  aRequest,
  after,
  becameReady,
  created,
  ethernet,
  GB,
  joined,
  stored,
} from '../cluster/__fixtures__/builders.ts'
import { macLayouts } from '../mac/__fixtures__/mac-layouts.ts'
import { RecordedHardware, recordedHardwareFacts } from '../mac/recorded-hardware.ts'
import { clusterTopology } from './cluster-topology.ts'
import { workerBytes } from './worker-bytes.ts'

const free = (bytes: Record<string, number>): Parameters<typeof clusterTopology>[1] => bytes
const availableOf = ({ nodes }: ReturnType<typeof clusterTopology>): Record<string, number> =>
  Object.fromEntries(Object.entries(nodes).map(([nodeId, node]) => [nodeId, node.availableBytes]))

describe('clusterTopology', () => {
  it('tells of every node what placement asks', () => {
    const [link] = ethernet('a', 'b')
    const state = after({ type: 'node-joined', node: aNode('a', { name: 'studio-1', thunderboltBridge: 'bridge0' }) }, stored('a'), {
      type: 'link-observed',
      link: link!,
    })
    expect(clusterTopology(state, free({ a: 40 * GB }))).toEqual({
      nodes: {
        a: {
          name: 'studio-1',
          platform: 'darwin',
          chip: 'Apple M4 Max',
          osVersion: '26.2',
          totalBytes: 64 * GB,
          availableBytes: 40 * GB,
          rdma: 'enabled',
          thunderboltBridge: null,
          storedModels: { 'org/model': 1 },
        },
      },
      links: [link],
      cableObstacles: [],
    })
  })

  it('tells of cables that carry no RDMA, and of a bridge only where a cable is behind it', () => {
    const facts = macLayouts['four Macs, full mesh, bridge on one'].map((recorded) =>
      recordedHardwareFacts(RecordedHardware.parse(recorded)),
    )
    const nodes = facts.map(({ name, rdma, model, thunderboltPorts, bridge }) =>
      aNode(name, { rdma, model, thunderboltPorts, bridge, thunderboltBridge: bridge?.name ?? null }),
    )
    const { cableObstacles, nodes: told } = clusterTopology(
      after(...nodes.map((node): ClusterEvent => ({ type: 'node-joined', node }))),
      {},
    )
    const reason = 'Thunderbolt bridge active on studio-4 (bridge0: exo thunderbolt plan shows how to turn it off)'
    expect(cableObstacles).toEqual([1, 2, 3].map((number) => ({ between: [`studio-${number}`, 'studio-4'], reasons: [reason] })))
    expect(Object.values(told).map(({ thunderboltBridge }) => thunderboltBridge)).toEqual([null, null, null, null])
  })

  it('takes off what shards have still to load, which no sample shows yet', () => {
    const loading = after(...joined('a', 'b', 'c'), created('x', aPlacement('a', 'b')))
    expect(availableOf(clusterTopology(loading, free({ a: 10 * GB, b: 10 * GB, c: 10 * GB })))).toEqual({
      a: 9 * GB - 1000,
      b: 9 * GB - 1000,
      c: 10 * GB,
    })
    const loaded = after(...joined('a', 'b', 'c'), created('x', aPlacement('a', 'b')), ...becameReady('x', 1, 2))
    expect(availableOf(clusterTopology(loaded, free({ a: 9 * GB, b: 9 * GB, c: 10 * GB })))).toEqual({
      a: 9 * GB - 1000,
      b: 9 * GB - 1000,
      c: 10 * GB,
    })
  })

  it('takes off what rank 0 keeps for its draft', () => {
    const request = aRequest({ draftSize: { weightBytes: 500, tokenBytes: 1 } })
    const loaded = after(...joined('a', 'b'), created('x', aPlacement('a', 'b'), { request }), ...becameReady('x', 1, 2))
    expect(availableOf(clusterTopology(loaded, free({ a: 9 * GB, b: 9 * GB })))).toEqual({
      a: 9 * GB - 1000 - 500 - 4096,
      b: 9 * GB - 1000,
    })
  })

  it('counts what a replaced instance holds as free', () => {
    const loaded = after(...joined('a', 'b'), created('x', aPlacement('a', 'b')), ...becameReady('x', 1, 2))
    expect(availableOf(clusterTopology(loaded, free({ a: 9 * GB, b: 9 * GB }), [InstanceId.parse('x')]))).toEqual({
      a: 10 * GB,
      b: 10 * GB,
    })
  })

  it('gives no more of a node than that allows, all instances and their workers together (F8)', () => {
    const capped = { type: 'node-updated' as const, node: aNode('a', { maxMemoryBytes: 3 * GB }) }
    const loaded = after(...joined('a', 'b'), capped, created('x', aPlacement('a', 'b')), ...becameReady('x', 1, 2))
    expect(availableOf(clusterTopology(loaded, free({ a: 50 * GB, b: 50 * GB })))).toEqual({
      a: 2 * GB - 1000 - workerBytes(aCard()),
      b: 50 * GB - 1000,
    })
  })

  it('knows nothing of a node that has sent no sample', () => {
    expect(availableOf(clusterTopology(after(...joined('a')), free({})))).toEqual({ a: 0 })
  })
})
