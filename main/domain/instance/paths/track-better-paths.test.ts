import { describe, expect, it } from 'vitest'
import { InstanceId } from '../../../shared/ids.ts'
import type { Link } from '../../../shared/topology.ts'
import type { ClusterEvent } from '../../../shared/wire/peer/cluster-event.ts'
import { aNode, aPlacement, after, becameReady, cable, created, ethernet, GB } from '../../cluster/__fixtures__/builders.ts'
import { applyEvent } from '../../cluster/replication/apply-event.ts'
import type { ClusterState, InstanceState } from '../../cluster/cluster-state.ts'
import { manageInstances } from '../manage-instances.ts'
import { NO_BETTER_PATHS, STANDS_MS, trackBetterPaths } from './track-better-paths.ts'
import type { UseLog } from '../uses/track-uses.ts'

const x = InstanceId.parse('x')
const free = { a: 6 * GB, b: 6 * GB, c: 60 * GB } as Parameters<typeof trackBetterPaths>[2]
const instanceOf = (state: ClusterState): InstanceState => state.instances[x] as InstanceState
const seen = (links: readonly Link[]): ClusterEvent[] => links.map((link) => ({ type: 'link-observed', link }))
const gone = (links: readonly Link[]): ClusterEvent[] => links.map((link) => ({ type: 'link-lost', link }))
const fold = (state: ClusterState, events: readonly ClusterEvent[]): ClusterState => events.reduce(applyEvent, state)
const slow = ethernet('a', 'b', { roundTripMs: 50 })
const fast = (roundTripMs: number, medium: 'ethernet' | 'thunderbolt' = 'ethernet'): Link[] =>
  ethernet('a', 'b', { roundTripMs, medium }).map((link) => ({ ...link, address: `10.9.9.${link.to}` }))

/** A ready ring of `a` and `b` over the slow path; a third node is idle. */
const running = (): ClusterState =>
  after(
    ...['a', 'b', 'c'].map(
      (name): ClusterEvent => ({ type: 'node-joined', node: aNode(name, { addresses: [`10.0.0.${name}`, `10.9.9.${name}`] }) }),
    ),
    ...seen(slow),
    created('x', {
      ...aPlacement('a', 'b'),
      addressMatrix: [
        [null, '10.0.0.b'],
        ['10.0.0.a', null],
      ],
    }),
    ...becameReady('x', 1, 2),
  )

/** Lets the leader check at each tick; `during` changes the state. @returns when the instance was placed again, and the state */
function watch(
  state: ClusterState,
  forMs: number,
  { busyUntilMs = 0, freeAt = (_: number) => free, during = (_: number, now: ClusterState) => now } = {},
): { atMs: number[]; state: ClusterState } {
  let paths = NO_BETTER_PATHS
  const atMs: number[] = []
  for (let nowMs = 0; nowMs <= forMs; nowMs += 500) {
    state = during(nowMs, state)
    const uses: UseLog = new Map([[x, { usedAtMs: Math.min(nowMs, busyUntilMs), isBusy: nowMs < busyUntilMs, mark: '' }]])
    paths = trackBetterPaths(state, uses, freeAt(nowMs), paths, nowMs)
    const events = manageInstances(state, { availableBytes: free, unlinked: new Set(), better: paths.due })
    if (events.some(({ type }) => type === 'instance-replaced')) {
      atMs.push(nowMs)
      state = fold(fold(state, events), becameReady('x', instanceOf(fold(state, events)).epoch, 2))
    }
  }
  return { atMs, state }
}

describe('F5: an idle instance beside a better path', () => {
  it('moves to it once it has stood for half a minute, within the minute, and stays', () => {
    const { atMs, state } = watch(fold(running(), seen(fast(1))), 200_000)
    expect(atMs).toHaveLength(1)
    expect(atMs[0]).toBeGreaterThanOrEqual(STANDS_MS)
    expect(atMs[0]).toBeLessThan(40_000)
    expect(instanceOf(state)).toMatchObject({ attempt: 0, status: 'ready' })
    expect(instanceOf(state).placement.addressMatrix.flat().filter(Boolean).sort()).toEqual(['10.9.9.a', '10.9.9.b'])
    expect(
      instanceOf(state)
        .placement.shards.map(({ nodeId }) => nodeId)
        .sort(),
    ).toEqual(['a', 'b'])
  })

  it.each<[string, Link[], Link[]]>([
    ['Thunderbolt, as quick', fast(50, 'thunderbolt'), slow],
    ['a cable for JACCL', cable('a', 'en2', 'b', 'en3'), slow],
  ])('moves to %s', (_, links) => {
    expect(watch(fold(running(), seen(links)), 60_000).atMs).toHaveLength(1)
  })

  it('stays where the other path is not twice as good, or flaps', () => {
    expect(watch(fold(running(), seen(fast(30))), 200_000).atMs).toEqual([])
    const flapping = (nowMs: number, state: ClusterState): ClusterState => fold(state, (nowMs % 40_000 < 20_000 ? seen : gone)(fast(1)))
    expect(watch(running(), 200_000, { during: flapping }).atMs).toEqual([])
    const quick = running()
    expect(watch(fold(fold(quick, seen(ethernet('a', 'b', { roundTripMs: 0.4 }))), seen(fast(0.1))), 200_000).atMs).toEqual([])
  })

  it('moves within the minute although the free memory, and with it the order of the ranks, changes all the time', () => {
    const swapping = (nowMs: number): typeof free => ({ ...free, ...{ [nowMs % 4_000 < 2_000 ? 'a' : 'b']: 7 * GB } })
    expect(watch(fold(running(), seen(fast(1))), 100_000, { freeAt: swapping }).atMs).toEqual([
      expect.toSatisfy((at: number) => at < 40_000),
    ])
  })

  it('moves back to as many nodes as its request asks for, once they have been there for half a minute', () => {
    const state = fold(running(), seen(fast(1)))
    const alone: InstanceState = {
      ...instanceOf(state),
      request: { ...instanceOf(state).request, minNodes: 2 },
      placement: aPlacement('a'),
      shards: instanceOf(state).shards.slice(0, 1),
    }
    const { atMs, state: later } = watch({ ...state, instances: { [x]: alone } }, 100_000)
    expect(atMs).toEqual([expect.toSatisfy((at: number) => at >= STANDS_MS && at < 40_000)])
    expect(instanceOf(later).placement.shards).toHaveLength(2)
  })

  it('never moves while it answers', () => {
    expect(watch(fold(running(), seen(fast(1))), 200_000, { busyUntilMs: 120_000 }).atMs).toEqual([
      expect.toSatisfy((atMs: number) => atMs >= 122_000 && atMs < 130_000),
    ])
  })

  it('does not try again what did not hold, until it has been away', () => {
    const back = (_: number, state: ClusterState): ClusterState =>
      instanceOf(state).placement.backend === 'jaccl'
        ? { ...state, instances: { ...state.instances, [x]: { ...instanceOf(state), placement: { ...instanceOf(running()).placement } } } }
        : state
    const links = cable('a', 'en2', 'b', 'en3')
    expect(watch(fold(running(), seen(links)), 300_000, { during: back }).atMs).toHaveLength(1)
    const replugged = (nowMs: number, state: ClusterState): ClusterState =>
      fold(back(nowMs, state), nowMs === 100_000 ? gone(links) : nowMs === 110_000 ? seen(links) : [])
    expect(watch(fold(running(), seen(links)), 300_000, { during: replugged }).atMs).toHaveLength(2)
  })
})
