import { describe, expect, it } from 'vitest'
import { NodeId } from '../../shared/ids.ts'
import { MAX_ROUND, MAX_TERM, Term } from '../../shared/wire/peer/election-numbers.ts'
import type { ElectionMessage, LeaderClaim } from '../../shared/wire/peer/peer-message.ts'
import { ElectionSimulation, seededRandom } from './__fixtures__/simulation.ts'
import { type ElectionState, LEAP_ROUNDS, startElection } from './election-state.ts'
import { roundOf, termOf } from './election-term.ts'
import { step } from './step.ts'

const EVIL = NodeId.parse('zz-evil')
const silence: ElectionMessage = { type: 'election', claim: null, rival: null, hops: null, round: 0, isAsking: false }

function claimOf(round: number, told: Partial<LeaderClaim> = {}): LeaderClaim {
  const leaderId = told.leaderId ?? EVIL
  return { leaderId, term: termOf(round, leaderId), beat: 1_000_000, followers: 1000, ageTicks: 0, ...told }
}

function settled(count: number): { simulation: ElectionSimulation; names: string[]; leader: string } {
  const simulation = new ElectionSimulation({ lossRatio: 0, delayMs: 5, jitterMs: 20, skewRatio: 0.05, random: seededRandom(4) })
  const names = ['a', 'b', 'c', 'd'].slice(0, count)
  for (const a of names) for (const b of names) simulation.link(a, b)
  names.forEach((name) => simulation.start(name))
  simulation.run(5000)
  return { simulation, names, leader: simulation.leadersOf(names)[0] ?? '' }
}

function hear(state: ElectionState, message: Partial<ElectionMessage>): ElectionState {
  return step(state, { type: 'message', from: EVIL, message: { ...silence, ...message } }).state
}

describe('A5: words of a hostile member', () => {
  it.each([
    ['a round', { round: MAX_ROUND }],
    ['a claim', { claim: claimOf(MAX_ROUND), hops: 0 }],
    ['a rival', { rival: claimOf(MAX_ROUND) }],
  ])('%s at the end of all rounds raises what a node knows by a bounded step, however often it is said', (_, message) => {
    let state = startElection(NodeId.parse('a'), 7)
    for (let time = 0; time < 1000; time++) state = hear(state, message)
    expect(state.round).toBe(7 + LEAP_ROUNDS)
    for (let ticks = 0; ticks < 600; ticks++) state = step(hear(state, message), { type: 'tick' }).state
    expect(state.round).toBeLessThan(7 + LEAP_ROUNDS + 2000)
    expect(state.claim?.leaderId).toBe('a')
    expect(Term.safeParse(state.claim?.term).success).toBe(true)
  })

  it('leaves a cluster that goes on, and outlives its leader', () => {
    const { simulation, names, leader } = settled(3)
    for (let time = 0; time < 50; time++) {
      for (const name of names)
        simulation.say(EVIL, name, {
          ...silence,
          round: MAX_ROUND,
          claim: { ...claimOf(MAX_ROUND), term: MAX_TERM },
          rival: claimOf(MAX_ROUND),
          hops: 0,
        })
      simulation.run(100)
    }
    simulation.run(1000)
    expect(simulation.leadersOf(names)).toEqual([leader])
    simulation.stop(leader, true)
    simulation.run(3000)
    const left = names.filter((name) => name !== leader)
    expect(simulation.leadersOf(left)).toEqual([expect.toBeOneOf(left)])
    for (const name of left) expect(roundOf(simulation.stateOf(name)?.claim?.term ?? 0)).toBeLessThan(MAX_ROUND / 64)
  })

  it.each(
    [1, 2, 3].flatMap(
      (count) =>
        [
          [count, EVIL],
          [count, NodeId.parse('0-evil')],
        ] as const,
    ),
  )('at %d nodes, unverifiable claims of followers and leadership do not give the lead to %s', (count, evil) => {
    const { simulation, names, leader } = settled(count)
    for (const name of names) simulation.say(evil, name, { ...silence, claim: claimOf(5, { leaderId: evil }), hops: 0, round: 5 })
    simulation.run(300)
    expect(simulation.leadersOf(names)).toEqual([leader])
    expect(roundOf(simulation.stateOf(leader)?.claim?.term ?? 0)).toBeGreaterThan(5)
  })

  it('a claim to a term that is not the claimant’s is not heard', () => {
    const { simulation, names, leader } = settled(2)
    const before = names.map((name) => simulation.stateOf(name)?.round)
    for (const name of names) simulation.say(EVIL, name, { ...silence, claim: claimOf(5, { term: termOf(5, EVIL) + 1 }), hops: 0 })
    simulation.run(2000)
    expect([simulation.leadersOf(names), names.map((name) => simulation.stateOf(name)?.round)]).toEqual([[leader], before])
  })

  it('beats of the leader that another node makes up do not silence the leader', () => {
    const { simulation, names, leader } = settled(3)
    const before = simulation.leaderChanges
    const told = simulation.stateOf(leader)?.claim
    for (const name of names) simulation.say(EVIL, name, { ...silence, claim: claimOf(0, { ...told, beat: 2 ** 40 }), hops: 1 })
    simulation.run(10_000)
    expect([simulation.leadersOf(names), simulation.leaderChanges]).toEqual([[leader], before])
    // Nor do they hide its death.
    simulation.stop(leader, false)
    simulation.run(4000)
    expect(simulation.leadersOf(names.filter((name) => name !== leader))).not.toContain(leader)
  })

  it('a node that has missed many elections still joins', () => {
    const leaderId = NodeId.parse('a')
    const state = step(startElection(NodeId.parse('b'), 0), {
      type: 'message',
      from: leaderId,
      message: { ...silence, claim: claimOf(200_000, { leaderId }), round: 200_000, hops: 0 },
    }).state
    expect([state.claim?.leaderId, state.round]).toEqual(['a', 200_000])
  })
})
