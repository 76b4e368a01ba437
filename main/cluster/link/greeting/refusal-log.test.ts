import { describe, expect, it } from 'vitest'
import { AppError } from '../../../shared/app-error.ts'
import { NodeId } from '../../../shared/ids.ts'
import type { AdmissionMode } from '../../../shared/wire/peer/cluster-record.ts'
import { systemClock } from '../../../platform/clock.ts'
import { createLog } from '../../../platform/log/log.ts'
import { RefusalLog } from './refusal-log.ts'

const log = createLog({ level: 'silent', format: 'json', write: () => undefined })
const member = NodeId.parse('m'.repeat(32))

function startLog(admission: AdmissionMode): { refusals: RefusalLog; wait(durationMs: number): void } {
  let nowMs = 0
  return {
    refusals: new RefusalLog({ clock: { ...systemClock, now: () => nowMs, epochMs: () => nowMs }, log, admission }),
    wait: (durationMs) => void (nowMs += durationMs),
  }
}

/** A new node each time, because node keys cost nothing. */
let made = 0
const someone = (): NodeId => NodeId.parse(`g${'0'.repeat(25)}${String((made += 1)).padStart(6, '0')}`)

describe('B2: proofs of the cluster key', () => {
  it('of one address are looked at ever more rarely, whichever node shows them', () => {
    const { refusals, wait } = startLog('key')
    let looked = 0
    for (let atMs = 0; atMs < 10 * 60_000; atMs += 100) {
      wait(100)
      expect(
        refusals.judge(someone(), '10.0.0.9', () => {
          looked += 1
          return 'key-wrong'
        }),
      ).toBe('key-wrong')
    }
    expect(looked).toBeLessThan(25)
    expect(refusals.judge(someone(), '10.0.0.9', () => null)).toBe('key-wrong')
    wait(60_000)
    expect(refusals.judge(someone(), '10.0.0.9', () => null)).toBeNull()
  })

  it('of a member, or of another address, are looked at all the same', () => {
    const { refusals } = startLog('key')
    refusals.linked(member)
    for (let guess = 0; guess < 50; guess += 1) refusals.judge(someone(), '10.0.0.9', () => 'key-wrong')
    expect(refusals.judge(member, '10.0.0.9', () => null)).toBeNull()
    expect(refusals.judge(someone(), '10.0.0.8', () => null)).toBeNull()
  })

  it('of one IPv6 network are looked at ever more rarely, from whichever of its addresses, and those of another are not', () => {
    const { refusals, wait } = startLog('key')
    let looked = 0
    for (let guess = 0; guess < 6000; guess += 1) {
      wait(100)
      refusals.judge(someone(), `2001:db8::${guess.toString(16)}`, () => {
        looked += 1
        return 'key-wrong'
      })
    }
    expect(looked).toBeLessThan(60)
    expect(refusals.judge(someone(), '2001:db8:0:1::9', () => null)).toBeNull()
    expect(refusals.judge(someone(), '10.0.0.9', () => null)).toBeNull()
  })

  it('count only where a key that a person chose decides, and only where one was shown', () => {
    const closed = startLog('members')
    const keyed = startLog('key')
    for (let knock = 0; knock < 50; knock += 1) {
      closed.refusals.judge(someone(), '10.0.0.9', () => 'key-wrong')
      keyed.refusals.judge(someone(), '10.0.0.9', () => 'key-missing')
    }
    expect(closed.refusals.judge(someone(), '10.0.0.9', () => null)).toBeNull()
    expect(keyed.refusals.judge(someone(), '10.0.0.9', () => null)).toBeNull()
  })
})

describe('B2: proofs that this node shows first', () => {
  const unproven = async (): Promise<{ isProven: boolean }> => ({ isProven: false })
  const proven = async (): Promise<{ isProven: boolean }> => ({ isProven: true })

  it('are shown less and less often for an address without a valid proof, however the exchange ends', async () => {
    const { refusals, wait } = startLog('key')
    let shown = 0
    for (let atMs = 0; atMs < 10 * 60_000; atMs += 100) {
      wait(100)
      const offered = refusals.offer(someone(), '10.0.0.9', async () => {
        shown += 1
        if (shown % 2 === 0) throw new AppError('link-closed', 'It hung up.')
        return { isProven: false }
      })
      await offered.catch(() => undefined)
    }
    expect(shown).toBeLessThan(25)
    expect(await refusals.offer(someone(), '10.0.0.9', proven)).toBe('slowed')
    expect(await refusals.offer(someone(), '10.0.0.8', proven)).toEqual({ isProven: true })
    wait(60_000)
    expect(await refusals.offer(someone(), '10.0.0.9', proven)).toEqual({ isProven: true })
  })

  it('are few at a time at one address', async () => {
    const { refusals } = startLog('key')
    const never = Array.from({ length: 50 }, () =>
      refusals.offer(someone(), '10.0.0.9', () => new Promise<{ isProven: boolean }>(() => undefined)),
    )
    const outcomes = await Promise.all(
      never.map((offer) => Promise.race([offer, new Promise((resolve) => setImmediate(() => resolve('shown')))])),
    )
    expect(outcomes.filter((outcome) => outcome === 'shown')).toHaveLength(8)
  })

  it('are shown to a member regardless of others at its address, and a dial that this node ends itself is not a guess', async () => {
    const { refusals } = startLog('key')
    refusals.linked(member)
    for (let dial = 0; dial < 50; dial += 1)
      await refusals
        .offer(someone(), '10.0.0.7', () => Promise.reject(new AppError('dial-superseded', 'The other node was faster.')))
        .catch(() => undefined)
    expect(await refusals.offer(someone(), '10.0.0.7', proven)).toEqual({ isProven: true })
    for (let guess = 0; guess < 50; guess += 1) await refusals.offer(someone(), '10.0.0.9', unproven)
    expect(await refusals.offer(member, '10.0.0.9', proven)).toEqual({ isProven: true })
  })
})
