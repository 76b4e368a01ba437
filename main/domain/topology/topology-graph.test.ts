import { describe, expect, it } from 'vitest'
import type { Link, TopologyNode } from '../../shared/topology.ts'
import { cable, ethernet, tcpLink } from '../cluster/__fixtures__/builders.ts'
import { type Adjacency, topologyGraph } from './topology-graph.ts'

function graphOf(links: readonly Link[], changes: Record<string, Partial<TopologyNode>> = {}): ReturnType<typeof topologyGraph> {
  const nodes = Object.fromEntries(['a', 'b', 'c'].map((name) => [name, { totalBytes: 1, availableBytes: 1, ...changes[name] }]))
  return topologyGraph({ nodes, links: [...links] })
}

/** `ab` if a has a link to b. */
function pairsOf(adjacency: Adjacency): string[] {
  const names = ['a', 'b', 'c']
  return names.flatMap((from, i) => names.flatMap((to, j) => (adjacency.has(i, j) ? [from + to] : [])))
}

describe('topologyGraph', () => {
  it('keeps media and directions apart', () => {
    const graph = graphOf([...ethernet('a', 'b'), tcpLink('b', 'c', { medium: 'thunderbolt' }), ...cable('a', 'en2', 'c', 'en3')])
    expect([pairsOf(graph.tcp), pairsOf(graph.thunderbolt), pairsOf(graph.rdma)]).toEqual([['ab', 'ba', 'bc'], ['bc'], ['ac', 'ca']])
  })

  it('counts a cable only when both sides see it', () =>
    expect(pairsOf(graphOf(cable('a', 'en2', 'b', 'en3').slice(0, 1)).rdma)).toEqual([]))

  // exo checks only rdma_ctl.
  it.each<[what: string, node: Partial<TopologyNode>, isUsed: boolean]>([
    ['on', { rdma: 'enabled' }, true],
    ['not told', {}, true],
    ['off', { rdma: 'disabled' }, false],
    ['unknown', { rdma: 'unknown' }, false],
    ['absent', { rdma: 'absent' }, false],
    ['on, under an older macOS', { rdma: 'enabled', platform: 'darwin', osVersion: '26.1' }, false],
    ['on, under a newer macOS', { rdma: 'enabled', platform: 'darwin', osVersion: '26.10.1' }, true],
    ['on, with the Thunderbolt bridge up', { rdma: 'enabled', thunderboltBridge: 'bridge0' }, false],
  ])('with RDMA %s on one side', (_, node, isUsed) => {
    expect(pairsOf(graphOf(cable('a', 'en2', 'b', 'en3'), { b: node }).rdma)).toEqual(isUsed ? ['ab', 'ba'] : [])
  })

  it('ignores links to itself and to unknown nodes', () =>
    expect(pairsOf(graphOf([...ethernet('a', 'a'), ...ethernet('a', 'x')]).tcp)).toEqual([]))
})
