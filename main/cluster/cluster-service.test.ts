import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { aNode, aPlacement, created } from '../domain/cluster/__fixtures__/builders.ts'
import type { Log } from '../platform/log/log.ts'
import { InstanceId, NodeId } from '../shared/ids.ts'
import type { PeerMessage } from '../shared/wire/peer/peer-message.ts'
import { ClusterService } from './cluster-service.ts'

const silent: Log = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, with: () => silent }

/** Nodes whose messages arrive at once, unless the pair is cut. */
class Network {
  readonly services = new Map<string, ClusterService>()
  readonly cuts = new Set<string>()
  readonly #ticks: (() => void)[] = []
  readonly #end = new AbortController()
  nowMs = 0

  add(name: string): ClusterService {
    const nodeId = NodeId.parse(name)
    const linked = (): string[] =>
      [...this.services.keys()].filter((other) => other !== name && !this.cuts.has([name, other].sort().join()))
    const send = (to: string, message: PeerMessage): boolean => {
      if (!linked().includes(to)) return false
      this.services.get(to)?.receive(nodeId, structuredClone(message))
      return true
    }
    const service = new ClusterService(
      {
        nodeId,
        links: {
          send,
          broadcast: (message) => linked().forEach((to) => send(to, message)),
          peers: () => linked().map((other) => ({ nodeId: NodeId.parse(other) })),
          wasSilent: () => false,
        },
        clock: { now: () => this.nowMs, epochMs: () => this.nowMs, every: (_, tick) => void this.#ticks.push(tick) },
        log: silent,
        ownReport: () => ({ node: aNode(name), links: [], shards: [], storedModels: [] }),
        ownSample: () => ({ nodeId, epochMs: this.nowMs, availableBytes: 1, rates: [], shards: [], downloads: [] }),
        manage: () => [],
      },
      this.#end.signal,
    )
    this.services.set(name, service)
    return service
  }

  run(ms: number): void {
    for (const until = this.nowMs + ms; this.nowMs < until; ) {
      this.nowMs += 100
      for (const tick of this.#ticks) tick()
    }
  }

  follow(leader: string, term: number, ...names: string[]): void {
    for (const name of names) this.services.get(name)?.setLeader({ nodeId: NodeId.parse(leader), term })
  }

  cut(...names: [string, string][]): void {
    for (const pair of names) this.cuts.add([...pair].sort().join())
  }

  stop(): void {
    this.#end.abort()
  }
}

describe('ClusterService', () => {
  let network: Network
  const stateOf = (name: string) => network.services.get(name)?.state()
  const nodesOf = (name: string): string[] => Object.keys(stateOf(name)?.nodes ?? {}).sort()
  const instancesOf = (name: string): string[] => Object.keys(stateOf(name)?.instances ?? {}).sort()

  beforeEach(() => {
    network = new Network()
    for (const name of ['a', 'b', 'c']) network.add(name)
  })
  afterEach(() => network.stop())

  it('gives every node the same state', () => {
    network.follow('a', 11, 'a', 'b', 'c')
    network.services.get('a')?.append([created('x', aPlacement('b'))])
    network.run(1_500)
    expect(nodesOf('a')).toEqual(['a', 'b', 'c'])
    expect(stateOf('b')).toEqual(stateOf('a'))
    expect(stateOf('c')).toEqual(stateOf('a'))
  })

  it('loses no instance with its leader, and drops the leader that is gone', () => {
    network.follow('a', 11, 'a', 'b', 'c')
    network.services.get('a')?.append([created('x', aPlacement('b'))])
    network.run(1_500)
    network.cut(['a', 'b'], ['a', 'c'])
    network.follow('b', 22, 'b', 'c')
    network.run(2_500)
    expect(nodesOf('b')).toEqual(['b', 'c'])
    expect(instancesOf('c')).toEqual(['x'])
    expect(stateOf('c')).toEqual(stateOf('b'))
  })

  it('makes up for what was lost on the way', () => {
    network.follow('a', 11, 'a', 'b', 'c')
    network.run(1_500)
    network.cut(['a', 'c'])
    network.services.get('a')?.append([created('x', aPlacement('b'))])
    network.cuts.clear()
    network.run(1_500)
    expect(instancesOf('c')).toEqual(['x'])
  })

  it('keeps what lives on both sides of a partition when it heals', () => {
    network.follow('a', 11, 'a', 'b', 'c')
    network.run(1_500)
    network.cut(['a', 'c'], ['b', 'c'])
    network.follow('c', 22, 'c')
    network.services.get('a')?.append([created('x', aPlacement('a'))])
    network.services.get('c')?.append([created('y', aPlacement('c'))])
    network.run(2_500)
    expect(nodesOf('c')).toEqual(['c'])
    network.cuts.clear()
    network.follow('a', 33, 'a', 'b', 'c')
    network.run(2_500)
    for (const name of ['a', 'b', 'c'])
      expect([nodesOf(name), instancesOf(name)]).toEqual([
        ['a', 'b', 'c'],
        ['x', 'y'],
      ])
  })

  it('ignores a leader of an older term', () => {
    network.follow('a', 11, 'a', 'b', 'c')
    network.run(500)
    network.follow('b', 22, 'b', 'c')
    network.run(500)
    network.services.get('a')?.append([created('x', aPlacement('b'))])
    network.run(300)
    expect(instancesOf('c')).toEqual([])
    expect(stateOf('c')?.instances[InstanceId.parse('x')]).toBeUndefined()
  })

  it('A5: ignores a leader that was not elected, regardless of its term', () => {
    network.follow('a', 11, 'a', 'b', 'c')
    network.services.get('a')?.append([created('x', aPlacement('b'))])
    network.run(1_500)
    const evil = NodeId.parse('c')
    const follower = network.services.get('b')
    for (const term of [11, 12, 2 ** 52]) {
      follower?.receive(evil, {
        type: 'cluster-events',
        term,
        leaderId: evil,
        base: { term: 11, index: 4 },
        headIndex: 5,
        events: [{ term, index: 5, event: { type: 'instance-deleted', instanceId: InstanceId.parse('x'), reason: 'mine' } }],
      })
      follower?.receive(evil, {
        type: 'cluster-snapshot',
        term,
        leaderId: evil,
        snapshot: { position: { term, index: 1 }, state: { nodes: {}, links: {}, instances: {}, storedModels: {}, deletedInstances: [] } },
      })
    }
    network.services.get('a')?.append([created('y', aPlacement('a'))])
    network.run(1_500)
    expect(instancesOf('b')).toEqual(['x', 'y'])
    expect(stateOf('b')).toEqual(stateOf('a'))
  })

  it('goes on at once with a leader whose first events came before the election chose it', () => {
    network.follow('a', 11, 'a', 'b', 'c')
    network.run(1_500)
    network.follow('b', 22, 'b')
    network.follow('b', 22, 'c')
    network.services.get('b')?.append([created('x', aPlacement('b'))])
    expect(instancesOf('c')).toEqual(['x'])
  })

  it('takes reports and samples only from the node itself', () => {
    network.follow('a', 11, 'a', 'b', 'c')
    network.run(1_500)
    const leader = network.services.get('a')
    leader?.receive(NodeId.parse('c'), {
      type: 'node-report',
      report: { node: aNode('b', { name: 'forged' }), links: [], shards: [], storedModels: [] },
    })
    leader?.receive(NodeId.parse('c'), {
      type: 'node-sample',
      sample: { nodeId: NodeId.parse('b'), epochMs: 0, availableBytes: 999, rates: [], shards: [], downloads: [] },
    })
    expect(stateOf('a')?.nodes[NodeId.parse('b')]?.name).toBe('b')
    expect(leader?.samples().get(NodeId.parse('b'))?.availableBytes).toBe(1)
  })
})
