import { describe, expect, it } from 'vitest'
import { NodeId } from '../../shared/ids.ts'
import type { Placement } from '../../shared/placement.ts'
import type { Link } from '../../shared/topology.ts'
import { fallBackToTcp } from './fall-back-to-tcp.ts'

const [a, b] = [NodeId.parse('a'), NodeId.parse('b')]
const placement: Placement = {
  strategy: 'tensor',
  backend: 'jaccl',
  jacclRing: false,
  contextTokens: 4096,
  shards: [a, b].map((nodeId, rank) => ({ nodeId, rank, stage: 1 - rank, layers: { start: 0, end: 8 }, weightBytes: 1, kvBytes: 1 })),
  rdmaMatrix: [
    [null, 'rdma_en3'],
    ['rdma_en4', null],
  ],
  addressMatrix: [
    [null, null],
    ['10.0.0.1', null],
  ],
  fallbacks: [],
}
const tcp = (from: NodeId, to: NodeId, address: string): Link => ({ kind: 'tcp', from, to, address, medium: 'ethernet', roundTripMs: 0.2 })

describe('fallBackToTcp', () => {
  it('keeps nodes, ranks and layers, and says why', () =>
    expect(fallBackToTcp(placement, [tcp(a, b, '10.0.0.2'), tcp(b, a, '10.0.0.1')], 'No IPv4-mapped GID')).toEqual({
      ...placement,
      backend: 'ring',
      rdmaMatrix: null,
      addressMatrix: [
        [null, '10.0.0.2'],
        ['10.0.0.1', null],
      ],
      fallbacks: [{ from: 'JACCL mesh', to: 'TCP ring', reason: 'No IPv4-mapped GID' }],
    }))
  it('is not possible where a neighbour is out of reach', () => expect(fallBackToTcp(placement, [tcp(a, b, '10.0.0.2')], 'x')).toBeNull())
})
