import { describe, expect, it } from 'vitest'
import { InstanceId, NodeId } from '../../shared/ids.ts'
import { aCard, aPlacement, after, aRequest, becameReady, created, ethernet, GB, joined } from '../cluster/__fixtures__/builders.ts'
import { applyEvent } from '../cluster/replication/apply-event.ts'
import type { ClusterState } from '../cluster/cluster-state.ts'
import { decideLeaderCommand } from './decide-leader-command.ts'
import { manageInstances } from './manage-instances.ts'
import { type AwayLog, awaiting, trackAway } from './track-away.ts'
import type { UseLog } from './uses/track-uses.ts'

const x = InstanceId.parse('x')
const availableBytes = { a: 60 * GB } as Parameters<typeof manageInstances>[1]['availableBytes']

/** A ready model on two nodes, of which the second has just left. */
const leftBehind = (): ClusterState =>
  [{ type: 'node-left', nodeId: NodeId.parse('b'), reason: 'silent' } as const].reduce(
    applyEvent,
    after(
      ...joined('a', 'b'),
      ...ethernet('a', 'b').map((link) => ({ type: 'link-observed', link }) as const),
      created('x', aPlacement('a', 'b')),
      ...becameReady('x', 1, 2),
    ),
  )

/** When the model moves, in ms after the node left. @param usedAtMs - when it was last used */
function movedAfterMs(state: ClusterState, usedAtMs: number, isBusy = false): number {
  let away: AwayLog = new Map()
  for (let nowMs = 0; nowMs <= 60_000; nowMs += 100) {
    const uses: UseLog = new Map([[x, { usedAtMs, isBusy, mark: '' }]])
    away = trackAway(state, uses, away, nowMs)
    const events = manageInstances(state, { availableBytes, unlinked: new Set(), awaiting: awaiting(away, nowMs) })
    if (events.some(({ type }) => type === 'instance-replaced')) return nowMs
    state = events.reduce(applyEvent, state)
  }
  return Infinity
}

describe('F5: an instance whose node has left', () => {
  it('waits for it while nobody uses the model', () => expect(movedAfterMs(leftBehind(), -10_000)).toBe(10_000))

  it('moves at once if it answers, or has just done so', () => {
    expect(movedAfterMs(leftBehind(), 0, true)).toBe(0)
    expect(movedAfterMs(leftBehind(), -1_000)).toBe(0)
  })

  it('moves at once when a request comes', () => {
    const state = leftBehind()
    const command = { type: 'place-instance', card: aCard(), request: aRequest(), pinned: false, reuse: true } as const
    const { answer, events } = decideLeaderCommand(state, { nodes: {}, links: [] }, command, InstanceId.parse('fresh'))
    expect(answer).toEqual({ instanceId: 'x' })
    expect(movedAfterMs(events.reduce(applyEvent, state), -10_000)).toBe(0)
  })

  it('stays if the node returns', () => {
    const back = joined('b').reduce(applyEvent, leftBehind())
    const away = trackAway(back, new Map(), new Map([[x, 0]]), 5_000)
    expect(manageInstances(back, { availableBytes, unlinked: new Set(), awaiting: awaiting(away, 5_000) })).toEqual([])
  })
})
