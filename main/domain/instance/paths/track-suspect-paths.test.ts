import { describe, expect, it } from 'vitest'
import { InstanceId } from '../../../shared/ids.ts'
import type { ClusterEvent } from '../../../shared/wire/peer/cluster-event.ts'
import {
  aCard,
  aNode,
  aPlacement,
  after,
  aRequest,
  becameReady,
  created,
  ethernet,
  GB,
  joined,
} from '../../cluster/__fixtures__/builders.ts'
import { applyEvent } from '../../cluster/replication/apply-event.ts'
import { type ClusterState, type InstanceState, linksOf } from '../../cluster/cluster-state.ts'
import { type LeaderFacts, manageInstances } from '../manage-instances.ts'
import { SUSPECT_FOR_MS, type SuspectPaths, trackSuspectPaths, withoutSuspects } from './track-suspect-paths.ts'

const x = InstanceId.parse('x')
const instanceOf = (state: ClusterState): InstanceState => state.instances[x] as InstanceState
const facts = (suspects: SuspectPaths): LeaderFacts => ({
  availableBytes: { a: 60 * GB, b: 60 * GB, c: 6 * GB } as LeaderFacts['availableBytes'],
  unlinked: new Set(),
  suspects,
})
const slow = (a: string, b: string): ClusterEvent[] => ethernet(a, b).map((link) => ({ type: 'link-observed', link }))

/** A ring of `a` and `b` in which a rank has failed with that message. */
function failed(message: string, ...links: ClusterEvent[]): ClusterState {
  const placement = {
    ...aPlacement('a', 'b'),
    addressMatrix: [
      [null, '10.0.0.b'],
      ['10.0.0.a', null],
    ],
  }
  return after(
    ...joined('a', 'b', 'c'),
    ...slow('a', 'b'),
    ...links,
    created('x', placement, { card: aCard({ weightBytes: GB }), request: aRequest({ minNodes: 2 }) }),
    ...becameReady('x', 1, 2),
    {
      type: 'shard-status',
      instanceId: x,
      epoch: 1,
      rank: 1,
      status: 'failed',
      port: null,
      residentBytes: 0,
      code: 'worker-died',
      message,
    },
  )
}
const nodesAfter = (state: ClusterState, suspects: SuspectPaths): string[] =>
  instanceOf(manageInstances(state, facts(suspects)).reduce(applyEvent, state))
    .placement.shards.map(({ nodeId }) => nodeId as string)
    .sort()

describe('F7: a path that lets heartbeats through and no large packets', () => {
  it.each([
    "The model's worker made no progress and was ended.",
    "The model's worker did not start to load the model, for example because it could not reach the other ranks, and was ended.",
    'what this rank sends is not acknowledged by the rank after this one, at 10.0.0.2: large packets are lost on the way',
  ])('is left for a third node: %s', (message) => {
    const state = failed(message, ...slow('a', 'c'), ...slow('b', 'c'))
    expect(nodesAfter(state, new Map())).toEqual(['a', 'b'])
    expect(nodesAfter(state, trackSuspectPaths(state, new Map(), 0))).toContain('c')
  })

  it('is left for another path of the same two nodes', () => {
    const other = ethernet('a', 'b', { roundTripMs: 20 }).map(
      (link): ClusterEvent => ({ type: 'link-observed', link: { ...link, address: `10.9.9.${link.to}` } }),
    )
    const state = failed('made no progress and was ended', ...other)
    const suspects = trackSuspectPaths(state, new Map(), 0)
    const placed = instanceOf(manageInstances(state, facts(suspects)).reduce(applyEvent, state))
    expect(placed.placement.addressMatrix.flat().filter(Boolean).sort()).toEqual(['10.9.9.a', '10.9.9.b'])
  })

  it('is taken again where there is no other', () => {
    const state = failed('made no progress and was ended')
    expect(nodesAfter(state, trackSuspectPaths(state, new Map(), 0))).toEqual(['a', 'b'])
  })

  it('is forgiven after five minutes', () => {
    const state = failed('made no progress and was ended')
    const suspects = trackSuspectPaths(state, new Map(), 0)
    expect(linksOf(withoutSuspects(state, suspects))).toEqual([])
    const healthy = applyEvent(state, { type: 'instance-deleted', instanceId: x, reason: 'done' })
    expect(trackSuspectPaths(healthy, suspects, SUSPECT_FOR_MS - 1).size).toBe(2)
    expect(trackSuspectPaths(healthy, suspects, SUSPECT_FOR_MS).size).toBe(0)
  })

  it('F5: is forgotten when its cable is unplugged, and not when all cables of its node are', () => {
    const stalled = failed('made no progress and was ended')
    const suspects = trackSuspectPaths(stalled, new Map(), 0)
    const healthy = applyEvent(stalled, { type: 'instance-deleted', instanceId: x, reason: 'done' })
    const atAddresses = (addresses: string[]): ClusterState =>
      applyEvent(healthy, { type: 'node-updated', node: aNode('b', { addresses }) })
    const left = (addresses: string[]): number => trackSuspectPaths(atAddresses(addresses), suspects, 1).size
    expect([left(['10.0.0.b', '192.168.1.2']), left([]), left(['192.168.1.2'])]).toEqual([2, 2, 1])
  })

  it('is not one whose worker was killed', () => {
    expect(trackSuspectPaths(failed('was killed (SIGKILL), by a person'), new Map(), 0).size).toBe(0)
  })
})
