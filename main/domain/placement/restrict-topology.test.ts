import { expect, it } from 'vitest'
import { NodeId } from '../../shared/ids.ts'
import type { Topology } from '../../shared/topology.ts'
import { cable, ethernet, GB } from '../cluster/__fixtures__/builders.ts'
import { restrictTopology } from './restrict-topology.ts'

const [a, b, c] = ['a', 'b', 'c'].map((name) => NodeId.parse(name)) as [NodeId, NodeId, NodeId]

it('keeps the nodes that are named and what lies between them', () => {
  const node = { totalBytes: GB, availableBytes: GB }
  const topology: Topology = {
    nodes: { [a]: node, [b]: node, [c]: node },
    links: [...ethernet('a', 'b'), ...cable('b', 'en2', 'c', 'en3')],
    cableObstacles: [
      { between: [a, b], reasons: ['no RDMA'] },
      { between: [b, c], reasons: ['no RDMA'] },
    ],
  }
  expect(restrictTopology(topology, [a, b, NodeId.parse('gone')])).toEqual({
    nodes: { a: node, b: node },
    links: ethernet('a', 'b'),
    cableObstacles: [{ between: [a, b], reasons: ['no RDMA'] }],
  })
})
