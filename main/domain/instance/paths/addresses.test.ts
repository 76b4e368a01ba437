import { describe, expect, it } from 'vitest'
import { InstanceId, NodeId } from '../../../shared/ids.ts'
import type { ClusterEvent } from '../../../shared/wire/peer/cluster-event.ts'
import { aNode, aPlacement, after, becameReady, created, ethernet, GB, tcpLink } from '../../cluster/__fixtures__/builders.ts'
import { applyEvent } from '../../cluster/replication/apply-event.ts'
import type { ClusterState, InstanceState } from '../../cluster/cluster-state.ts'
import { reportToEvents } from '../../cluster/report-to-events.ts'
import { goneAddress } from './gone-address.ts'
import { type LeaderFacts, manageInstances, MAX_ATTEMPTS } from '../manage-instances.ts'
import { type TroubleLog, trackTrouble, troubledForMs } from '../track-trouble.ts'

const x = InstanceId.parse('x')
const NEW = '10.0.0.77'
const instanceOf = (state: ClusterState): InstanceState => state.instances[x] as InstanceState
const facts = (changes: Partial<LeaderFacts> = {}): LeaderFacts => ({
  availableBytes: { a: 6 * GB, b: 6 * GB } as LeaderFacts['availableBytes'],
  unlinked: new Set(),
  ...changes,
})
const seen = (...links: ReturnType<typeof ethernet>): ClusterEvent[] => links.map((link) => ({ type: 'link-observed', link }))
const node = (name: string, ...addresses: string[]): ClusterEvent => ({ type: 'node-joined', node: aNode(name, { addresses }) })
const fold = (state: ClusterState, events: readonly ClusterEvent[]): ClusterState => events.reduce(applyEvent, state)

/** A ready ring of `a` and `b`. */
function running(): ClusterState {
  const placement = {
    ...aPlacement('a', 'b'),
    addressMatrix: [
      [null, '10.0.0.b'],
      ['10.0.0.a', null],
    ],
  }
  return after(
    node('a', '10.0.0.a'),
    node('b', '10.0.0.b'),
    ...seen(...ethernet('a', 'b')),
    created('x', placement),
    ...becameReady('x', 1, 2),
  )
}

/** `b` reports another address. */
const moved = (state: ClusterState): ClusterState =>
  fold(state, reportToEvents(state, { node: aNode('b', { addresses: [NEW] }), links: [tcpLink('b', 'a')], shards: [], storedModels: [] }))

function failed(state: ClusterState, message: string): ClusterState {
  return applyEvent(state, {
    type: 'shard-status',
    instanceId: x,
    epoch: instanceOf(state).epoch,
    rank: 0,
    status: 'failed',
    port: null,
    residentBytes: 0,
    code: 'group-failed',
    message,
  })
}

describe('F2: an address that is gone', () => {
  it('ends the paths to it at once, and no other', () => {
    const state = fold(running(), seen(tcpLink('a', 'b', { address: 'nat' })))
    expect(
      Object.values(moved(state).links)
        .flat()
        .map(({ from, ...link }) => [from, link.kind === 'tcp' && link.address]),
    ).toEqual([
      ['a', 'nat'],
      ['b', '10.0.0.a'],
    ])
  })

  it('waits while the new one is not measured, and rebuilds the ring when it is, without a request and without an attempt', () => {
    const state = moved(running())
    expect(goneAddress(state, instanceOf(state))).toEqual({ rank: 1, address: '10.0.0.b' })
    expect(manageInstances(state, facts())).toEqual([])
    const measured = fold(state, seen(tcpLink('a', 'b', { address: NEW })))
    expect(manageInstances(measured, facts({ unlinked: new Set([NodeId.parse('b')]) }))).toEqual([])
    const again = instanceOf(fold(measured, manageInstances(measured, facts())))
    expect(again).toMatchObject({ epoch: 2, attempt: 0, status: 'recovering', reasons: ['rank 1 no longer has the address 10.0.0.b'] })
    expect(again.placement.addressMatrix.flat()).toContain(NEW)
    expect(again.placement.addressMatrix.flat()).not.toContain('10.0.0.b')
  })

  it('is not one of a node that has none left: its cable is out, and may be in again in a moment', () => {
    const state = running()
    const cut = fold(
      state,
      reportToEvents(state, {
        node: aNode('b', { addresses: ['fe80::1', '127.0.0.1'] }),
        links: [tcpLink('b', 'a')],
        shards: [],
        storedModels: [],
      }),
    )
    expect(Object.values(cut.links).flat()).toHaveLength(2)
    expect(manageInstances(cut, facts())).toEqual([])
  })

  it('is one of IPv6 as well, with its scope, and not while no address of its kind is left', () => {
    const [link, moved, global] = ['fe80::b%en0', 'fe80::c', 'fd00::b']
    const over = (address: string, ...addresses: string[]): ClusterState =>
      after(
        node('a', 'fe80::a'),
        node('b', ...addresses),
        ...seen(tcpLink('a', 'b', { address }), tcpLink('b', 'a', { address: 'fe80::a%en0' })),
        created('x', {
          ...aPlacement('a', 'b'),
          addressMatrix: [
            [null, address],
            ['fe80::a%en0', null],
          ],
        }),
        ...becameReady('x', 1, 2),
      )
    const report = (state: ClusterState, ...addresses: string[]): ClusterState =>
      fold(state, reportToEvents(state, { node: aNode('b', { addresses }), links: [], shards: [], storedModels: [] }))
    const gone = (state: ClusterState): string | undefined => goneAddress(state, instanceOf(state))?.address
    expect(gone(report(over(link, 'fe80::b', global), 'fe80::b'))).toBeUndefined()
    expect(gone(report(over(link, 'fe80::b', global), moved, global))).toBe(link)
    expect(gone(report(over(link, 'fe80::b', global), global, '::1'))).toBeUndefined()
    expect(gone(report(over(global, 'fe80::b', global), 'fe80::b', '10.0.0.1'))).toBeUndefined()
    expect(gone(report(over(global, 'fe80::b', global), 'fe80::b', 'fd00::c'))).toBe(global)
  })

  it('is not one that only the path test does not reach, or that a router stands before', () => {
    const state = running()
    const unreached = fold(state, [{ type: 'link-lost', link: tcpLink('a', 'b') }])
    expect(manageInstances(unreached, facts())).toEqual([])
    const behindRouter = fold(state, [{ type: 'node-updated', node: aNode('b', { addresses: ['192.168.0.2'] }) }])
    expect(manageInstances(behindRouter, facts())).toEqual([])
  })

  it.each([
    "could not connect over ring: [ring] Couldn't bind socket (error: 99)",
    "[ring] Couldn't bind socket (error: 49)",
    'connect EADDRNOTAVAIL 10.0.0.2:4000',
  ])('is no attempt for half a minute: %s', (message) => {
    let state = running()
    let troubles: TroubleLog = new Map()
    const gaveUpAtMs = (): number => {
      for (let nowMs = 0; nowMs < 120_000; nowMs += 500) {
        state = failed(state, message)
        troubles = trackTrouble(state, troubles, nowMs)
        state = fold(state, manageInstances(state, facts({ troubledForMs: troubledForMs(troubles, nowMs) })))
        if (nowMs < 30_000) expect(instanceOf(state).attempt).toBe(0)
        if (instanceOf(state).status === 'failed') return nowMs
      }
      return Infinity
    }
    expect(gaveUpAtMs()).toBeGreaterThan(30_000)
    expect(instanceOf(state)).toMatchObject({ status: 'failed', attempt: MAX_ATTEMPTS })
  })

  it('waits for half a second between such placements', () => {
    const state = failed(running(), 'EADDRNOTAVAIL')
    expect(manageInstances(state, facts({ failedForMs: { x: 400 } as never }))).toEqual([])
    expect(manageInstances(state, facts({ failedForMs: { x: 500 } as never }))).toMatchObject([{ type: 'instance-replaced', attempt: 0 }])
  })

  it('is told from other failures, which count', () => {
    const state = failed(running(), "[ring] Couldn't connect (error: 111)")
    expect(instanceOf(fold(state, manageInstances(state, facts()))).attempt).toBe(1)
  })
})
