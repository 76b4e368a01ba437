import { describe, expect, it } from 'vitest'
import { InstanceId, NodeId } from '../../../shared/ids.ts'
import type { ClusterEvent } from '../../../shared/wire/peer/cluster-event.ts'
import { aNode, aPlacement, after, becameReady, created, ethernet, joined, stored } from '../__fixtures__/builders.ts'
import { applyEvent } from './apply-event.ts'
import { mergeStates } from './merge-states.ts'

const x = InstanceId.parse('x')
const together = [...joined('a', 'b', 'c'), created('x', aPlacement('a', 'c')), ...becameReady('x', 1, 2)]
const left = (name: string): ClusterEvent => ({ type: 'node-left', nodeId: NodeId.parse(name), reason: 'partition' })
const replaced = (epoch: number, ...names: string[]): ClusterEvent => ({
  type: 'instance-replaced',
  instanceId: x,
  epoch,
  placement: aPlacement(...names),
  attempt: 1,
  reasons: ['partition'],
})
const nodesOf = (...names: string[]): Set<NodeId> => new Set(names.map((name) => NodeId.parse(name)))

describe('mergeStates', () => {
  it('takes in the nodes, links, files and instances of the other side', () => {
    const own = after(...joined('a'))
    const link = ethernet('b', 'c')[0]!
    const other = after(
      ...joined('b', 'c'),
      { type: 'link-observed', link },
      stored('c'),
      created('y', aPlacement('c')),
      ...becameReady('y', 1, 1),
    )
    const merged = mergeStates(own, other, nodesOf('b', 'c')).reduce(applyEvent, own)
    expect(merged).toEqual({ ...other, nodes: { a: aNode('a'), ...other.nodes } })
  })

  it('keeps the copy that answers, whichever side has it', () => {
    const recovering = after(...together, left('c'), replaced(2, 'a', 'b'))
    const ready = after(...together, left('a'), left('b'), replaced(2, 'c'), ...becameReady('x', 2, 1))
    const merged = mergeStates(recovering, ready, nodesOf('a', 'b', 'c')).reduce(applyEvent, recovering)
    expect(merged.instances[x]).toEqual(ready.instances[x])
    const kept = mergeStates(ready, recovering, nodesOf('a', 'b', 'c')).reduce(applyEvent, ready)
    expect(kept.instances[x]).toEqual(ready.instances[x])
  })

  it('never gives an epoch twice: the next placement is above both', () => {
    const own = after(...together, left('c'), replaced(2, 'a', 'b'), replaced(3, 'a', 'b'))
    const ready = after(...together, left('a'), replaced(2, 'c'), ...becameReady('x', 2, 1))
    const merged = mergeStates(own, ready, nodesOf('a', 'b', 'c')).reduce(applyEvent, own)
    expect(merged.instances[x]).toMatchObject({ epoch: 2, lastEpoch: 3, status: 'ready' })
  })

  it('does not go back to a copy that lost a node, or away from one that answers', () => {
    const placedAgain = after(...together, left('c'), replaced(2, 'a', 'b'))
    const late = after(...together)
    expect(mergeStates(placedAgain, late, nodesOf('a', 'b'))).toEqual([])
    const answering = after(...together, left('c'), replaced(2, 'a', 'b'), ...becameReady('x', 2, 2))
    const alsoAnswering = after(...together, left('a'), replaced(2, 'c'), replaced(3, 'c'), ...becameReady('x', 3, 1))
    expect(mergeStates(answering, alsoAnswering, nodesOf('a', 'b', 'c')).map((event) => event.type)).toEqual(['node-joined'])
  })

  it('knows of no node that only the other side ever had, when that is gone', () => {
    const other = after(...joined('b', 'gone'), created('y', aPlacement('gone')))
    expect(mergeStates(after(...joined('a')), other, nodesOf('a', 'b')).map((event) => event.type)).toEqual([
      'node-joined',
      'instance-adopted',
    ])
  })

  it('leaves deleted what either side deleted', () => {
    const deleted: ClusterEvent = { type: 'instance-deleted', instanceId: x, reason: 'asked for' }
    const kept = after(...together)
    const gone = after(...together, deleted)
    expect(mergeStates(gone, kept, nodesOf())).toEqual([])
    expect(mergeStates(kept, gone, nodesOf())).toEqual([{ ...deleted, reason: expect.stringContaining('apart') }])
  })

  it('has nothing to say about its own state', () => {
    const state = after(...together, stored('a'))
    expect(mergeStates(state, state, nodesOf('a', 'b', 'c'))).toEqual([])
  })
})
