import { describe, expect, it } from 'vitest'
import { InstanceId, NodeId } from '../../shared/ids.ts'
import type { LeaderCommand } from '../../shared/wire/peer/leader-command.ts'
import { aCard, aPlacement, after, aRequest, becameReady, created, GB, joined } from '../cluster/__fixtures__/builders.ts'
import { clusterTopology } from '../placement/cluster-topology.ts'
import { decideLeaderCommand, MOST_INSTANCES } from './decide-leader-command.ts'

const fresh = InstanceId.parse('fresh')
const place = (reuse: boolean): LeaderCommand => ({ type: 'place-instance', card: aCard(), request: aRequest(), pinned: false, reuse })

describe('decideLeaderCommand', () => {
  const empty = after(...joined('a'))
  const serving = after(...joined('a'), created('x', aPlacement('a')), ...becameReady('x', 1, 1))
  const free = { a: 60 * GB } as Parameters<typeof clusterTopology>[1]

  it('places a model where there is room', () => {
    const { answer, events } = decideLeaderCommand(empty, clusterTopology(empty, free), place(true), fresh)
    expect(answer).toEqual({ instanceId: 'fresh' })
    expect(events).toEqual([
      expect.objectContaining({
        type: 'instance-created',
        instanceId: 'fresh',
        epoch: 1,
        card: aCard(),
        request: aRequest(),
        pinned: false,
      }),
    ])
  })

  it('A2: places no more instances than the cluster can hold, however small their models are', () => {
    const [template] = Object.values(serving.instances)
    if (!template) throw new Error('There is no instance to copy.')
    const ids = Array.from({ length: MOST_INSTANCES }, (_, index) => InstanceId.parse(`x${index}`))
    const full = { ...serving, instances: Object.fromEntries(ids.map((instanceId) => [instanceId, { ...template, instanceId }])) }
    const topology = clusterTopology(empty, free)
    expect(() => decideLeaderCommand(full, topology, place(false), fresh)).toThrow(expect.objectContaining({ code: 'too-many-instances' }))
    expect(decideLeaderCommand(full, topology, place(true), fresh).events).toEqual([])
  })

  it('uses an instance that is there only if that will do', () => {
    const topology = clusterTopology(serving, free)
    expect(decideLeaderCommand(serving, topology, place(true), fresh)).toEqual({ answer: { instanceId: 'x' }, events: [] })
    expect(decideLeaderCommand(serving, topology, place(false), fresh).answer).toEqual({ instanceId: 'fresh' })
    const failed = after(...joined('a'), created('x', aPlacement('a')), {
      type: 'instance-status',
      instanceId: InstanceId.parse('x'),
      epoch: 1,
      status: 'failed',
      reasons: [],
    })
    expect(decideLeaderCommand(failed, clusterTopology(failed, free), place(true), fresh).answer).toEqual({ instanceId: 'fresh' })
  })

  it('uses an instance only if it lies among the nodes that are asked for, and places on those alone', () => {
    const state = after(...joined('a', 'b'), created('x', aPlacement('a')), ...becameReady('x', 1, 1))
    const topology = clusterTopology(state, { a: 60 * GB, b: 20 * GB } as typeof free)
    const on = (name: string): LeaderCommand => ({
      type: 'place-instance',
      card: aCard(),
      request: aRequest({ onlyNodes: [NodeId.parse(name)] }),
      pinned: false,
      reuse: true,
    })
    expect(decideLeaderCommand(state, topology, on('a'), fresh).answer).toEqual({ instanceId: 'x' })
    expect(decideLeaderCommand(state, topology, on('b'), fresh).events).toEqual([
      expect.objectContaining({ placement: expect.objectContaining({ shards: [expect.objectContaining({ nodeId: 'b' })] }) as unknown }),
    ])
  })

  it('refuses what fits nowhere', () => {
    const crowded = clusterTopology(serving, { a: 8 * GB } as typeof free)
    expect(() => decideLeaderCommand(serving, crowded, place(false), fresh)).toThrow(expect.objectContaining({ code: 'not-enough-memory' }))
  })

  it('deletes an instance that there is', () => {
    const command: LeaderCommand = { type: 'delete-instance', instanceId: InstanceId.parse('x'), reason: 'idle' }
    expect(decideLeaderCommand(serving, { nodes: {}, links: [] }, command, fresh)).toEqual({
      answer: { instanceId: 'x' },
      events: [{ type: 'instance-deleted', instanceId: 'x', reason: 'idle' }],
    })
    expect(() => decideLeaderCommand(empty, { nodes: {}, links: [] }, command, fresh)).toThrow(
      expect.objectContaining({ code: 'instance-not-found' }),
    )
  })
})
