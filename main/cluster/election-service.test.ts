import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { roundOf, termOf } from '../domain/election/election-term.ts'
import type { NodeId } from '../shared/ids.ts'
import type { LeaderClaim, PeerMessage } from '../shared/wire/peer/peer-message.ts'
import { runElection } from './election-service.ts'

const own = 'a'.repeat(32) as NodeId
const other = 'b'.repeat(32) as NodeId

function start(kept: number) {
  let tick: () => void = () => undefined
  const sent: PeerMessage[] = []
  const leaders: ({ nodeId: NodeId; term: number } | null)[] = []
  const disk = { kept, tries: [] as number[], state: 'works' as 'works' | 'full' | 'hangs' }
  const handle = runElection(
    {
      nodeId: own,
      clock: { every: (_, onTick) => void (tick = onTick) },
      rounds: {
        kept,
        keep: async (round) => {
          disk.tries.push(round)
          if (disk.state === 'full') throw new Error('ENOSPC')
          if (disk.state === 'hangs') await new Promise(() => undefined)
          disk.kept = round
        },
      },
      send: (_, message) => sent.push(message) > 0,
      onLeader: (leader) => void leaders.push(leader),
    },
    new AbortController().signal,
  )
  const run = async (ticks: number): Promise<void> => {
    for (let done = 0; done < ticks; done++) {
      tick()
      await setImmediate()
      for (const message of sent)
        if (message.type === 'election' && message.claim?.leaderId === own)
          expect(roundOf(message.claim.term)).toBeLessThanOrEqual(disk.kept)
    }
  }
  const hear = (claim: LeaderClaim | null, round = 0): void =>
    handle({ type: 'message', from: other, message: { type: 'election', claim, rival: null, hops: claim && 0, round, isAsking: false } })
  return { handle, run, hear, disk, leaders, sent }
}

it('claims when its round is kept, in one go', async () => {
  const { run, disk, leaders } = start(6)
  await run(12)
  expect([disk.kept, leaders]).toEqual([7, [{ nodeId: own, term: termOf(7, own) }]])
})

it.each(['full', 'hangs'] as const)('D1: does not claim while the disk is such: %s; then it does', async (state) => {
  const { handle, run, disk, leaders } = start(6)
  disk.state = state
  handle({ type: 'peer-up', peerId: other })
  await run(200)
  expect(leaders).toEqual([])
  // Retried, but not at each tick.
  expect(disk.tries.length).toBeGreaterThan(state === 'full' ? 10 : 0)
  expect(disk.tries.length).toBeLessThan(30)
  if (state === 'hangs') return
  disk.state = 'works'
  await run(15)
  expect(leaders).toEqual([{ nodeId: own, term: termOf(7, own) }])
})

it('D1: follows others while the disk is full', async () => {
  const { handle, run, hear, disk, leaders } = start(6)
  disk.state = 'full'
  handle({ type: 'peer-up', peerId: other })
  await run(40)
  const term = termOf(9, other)
  hear({ leaderId: other, term, beat: 3, followers: 0, ageTicks: 0 }, 9)
  expect(leaders).toEqual([{ nodeId: other, term }])
  await run(60)
  // The leader has fallen silent: it is given up, and no other node claims.
  expect(leaders.at(-1)).toBeNull()
})

it('D1: a leader whose disk fills up gives way to a better claim, and keeps leading without one', async () => {
  const { handle, run, hear, disk, leaders } = start(6)
  await run(40)
  disk.state = 'full'
  handle({ type: 'peer-up', peerId: other })
  await run(40)
  expect(leaders.at(-1)).toMatchObject({ nodeId: own })
  const term = termOf(9, other)
  for (let beat = 0; beat < 30; beat++) {
    hear({ leaderId: other, term, beat, followers: 0, ageTicks: 0 }, 9)
    await run(2)
  }
  expect(leaders.at(-1)).toEqual({ nodeId: other, term })
})

it('contests a rival with a round that is kept first', async () => {
  const { handle, run, hear, disk, leaders } = start(6)
  await run(40)
  handle({ type: 'peer-up', peerId: other })
  hear({ leaderId: other, term: termOf(9, other), beat: 0, followers: 0, ageTicks: 0 }, 9)
  await run(2)
  expect(leaders.at(-1)).toEqual({ nodeId: own, term: termOf(10, own) })
  expect(disk.kept).toBe(10)
})

it('keeps the rounds that it hears of', async () => {
  const { handle, run, hear, disk } = start(0)
  handle({ type: 'peer-up', peerId: other })
  hear(null, 40)
  await run(3)
  expect(disk.kept).toBe(40)
})
