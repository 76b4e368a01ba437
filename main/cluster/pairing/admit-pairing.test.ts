import { describe, expect, it } from 'vitest'
import { admitPairing, type PairingAttempt } from './admit-pairing.ts'

const tries = (machine: string, count: number, before: readonly PairingAttempt[] = [], nowMs = 0) => {
  let attempts = before
  const admitted = Array.from({ length: count }, () => {
    const judged = admitPairing(attempts, machine, nowMs)
    attempts = judged.attempts
    return judged.isAdmitted
  })
  return { admitted, attempts }
}

describe('B3: pairing counts per machine', () => {
  it('gives each address five tries in ten minutes, and locks out no other', () => {
    const stranger = tries('192.168.1.66', 7)
    expect(stranger.admitted).toEqual([true, true, true, true, true, false, false])
    expect(tries('192.168.1.7', 1, stranger.attempts).admitted).toEqual([true])
    expect(tries('192.168.1.66', 1, stranger.attempts, 10 * 60_000).admitted).toEqual([true])
  })

  it('keeps a bound for all, and a bounded list', () => {
    let attempts: readonly PairingAttempt[] = []
    for (let machine = 0; machine < 100; machine += 1) attempts = tries(`10.0.0.${machine}`, 5, attempts).attempts
    expect(attempts).toHaveLength(60)
  })
})
