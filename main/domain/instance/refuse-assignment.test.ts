import { expect, it } from 'vitest'
import type { Placement } from '../../shared/placement.ts'
import { aPlacement, after, created, GB, joined } from '../cluster/__fixtures__/builders.ts'
import { MOST_INSTANCES } from './decide-leader-command.ts'
import { faultOfPlacement, refuseAssignment } from './refuse-assignment.ts'

const placed = aPlacement('a', 'b')
const [first, second] = placed.shards as [Placement['shards'][number], Placement['shards'][number]]

function instanceWith(changes: Partial<Placement>) {
  const state = after(...joined('a', 'b'), created('x', { ...placed, ...changes }))
  return { state, instance: Object.values(state.instances)[0]! }
}

it.each<[string, Partial<Placement>, string | null]>([
  ['is plausible', {}, null],
  ['names a stranger', { shards: [first, { ...second, nodeId: 'c' as never }] }, 'c is not a member of the cluster'],
  [
    'names what every object has',
    { shards: [first, { ...second, nodeId: 'toString' as never }] },
    'toString is not a member of the cluster',
  ],
  ['has two ranks 0', { shards: [first, { ...second, rank: 0 }] }, 'its ranks are not numbered from 0'],
  ['names a node twice', { shards: [first, { ...second, nodeId: first.nodeId }] }, 'it puts several ranks on one node'],
  ['has no layers', { shards: [first, { ...second, layers: { start: 1, end: 1 } }] }, 'it has layers that the model does not have'],
  ['has too many layers', { shards: [first, { ...second, layers: { start: 0, end: 9 } }] }, 'it has layers that the model does not have'],
  ['has a small matrix', { addressMatrix: [[null]] }, 'its matrix does not fit its ranks'],
  ['has a ragged matrix', { addressMatrix: [[null], [null, null]] }, 'its matrix does not fit its ranks'],
  ['has a wrong RDMA matrix', { rdmaMatrix: [[null, null]] }, 'its matrix does not fit its ranks'],
])('A2: a placement %s', (_, changes, fault) => {
  const { state, instance } = instanceWith(changes)
  expect(faultOfPlacement(state, instance)).toBe(fault)
})

it('A2: a node holds no more than its memory, counted with what it holds, and a limited number of models', () => {
  const { instance } = instanceWith({})
  const part = { instance, shard: first }
  const others = (count: number) => Array.from({ length: count }, () => part)
  expect(refuseAssignment(part, [], GB + 1000)).toBe(null)
  expect(refuseAssignment(part, [], GB)).toMatchObject({ code: 'not-enough-memory' })
  expect(refuseAssignment(part, others(2), 3 * GB)).toMatchObject({ code: 'not-enough-memory' })
  expect(refuseAssignment(part, others(MOST_INSTANCES - 1), 2 ** 48)).toBe(null)
  expect(refuseAssignment(part, others(MOST_INSTANCES), 2 ** 48)).toMatchObject({ code: 'too-many-instances' })
})
