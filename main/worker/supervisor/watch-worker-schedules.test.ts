import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Life, BUSY_STATS, type Share, SIMULATED_LIMITS, simulateLife, type Work } from './__fixtures__/simulated-life.ts'
import { hearWorker, restartClock, startWatch, tickWatch, type WatchState } from './watch-worker.ts'

const DECODE: Work = { tokens: 1, layers: 30, layerCpuMs: 1 }
const CHUNK: Work = { tokens: 256, layers: 30, layerCpuMs: 15 }
/** Of a large model on a small processor. */
const LARGE_CHUNK: Work = { tokens: 256, layers: 24, layerCpuMs: 700 }

const FOUND_WITHIN_MS = 15_000
/** Heartbeats, ticks and windows of processor time. */
const LATE_MS = 4_000

const shareOf = (least: number, most: number, longestMs: number): fc.Arbitrary<Share> =>
  fc.record({
    forMs: fc.integer({ min: 1, max: longestMs / 1_000 }).map((seconds) => seconds * 1_000),
    share: fc.double({ min: least, max: most, noNaN: true }),
  })
const schedule = (least: number, most: number, longestMs: number): fc.Arbitrary<Share[]> =>
  fc.array(shareOf(least, most, longestMs), { minLength: 1, maxLength: 6 })
const lengthOf = (shares: readonly Share[]): number => shares.reduce((total, { forMs }) => total + forMs, 0)
const seized = (before: readonly Share[], after: readonly Share[], seizure: Life['seizure'], works: readonly Work[]): Life => ({
  shares: [{ forMs: 10_000, share: 1 }, ...before, ...after],
  works,
  seizedAtMs: 10_000 + lengthOf(before),
  seizure,
})
const foundMs = (life: Life): number => {
  const { fault, endedMs } = simulateLife(life)
  expect(fault?.reason).toBe('stuck')
  return endedMs - life.seizedAtMs!
}

describe('F1: a worker under a watch', () => {
  it('is not ended for what the machine does not give it: ten minutes at a fiftieth of a processor', () => {
    for (const works of [[DECODE], [CHUNK, DECODE, DECODE], [LARGE_CHUNK, DECODE]]) {
      const shares = [
        { forMs: 60_000, share: 1 },
        { forMs: 600_000, share: 0.02 },
      ]
      expect(simulateLife({ shares, works, seizedAtMs: null, seizure: 'spins' }).fault).toBeNull()
    }
  })

  it('is not ended while it works, whatever share of a processor it has', () => {
    fc.assert(
      fc.property(
        schedule(0.02, 1, 120_000),
        fc.constantFrom([DECODE], [CHUNK, DECODE, DECODE], [LARGE_CHUNK, DECODE]),
        (shares, works) => {
          expect(simulateLife({ shares, works, seizedAtMs: null, seizure: 'spins' }).fault).toBeNull()
        },
      ),
    )
  })

  it.each(['spins', 'is deadlocked'] as const)(
    'that %s is found within 15 seconds of a whole processor, however slow it was before',
    (seizure) => {
      fc.assert(
        fc.property(schedule(0.02, 1, 120_000), fc.constantFrom([DECODE], [CHUNK, DECODE, DECODE]), (before, works) => {
          expect(foundMs(seized(before, [{ forMs: 60_000, share: 1 }], seizure, works))).toBeLessThanOrEqual(FOUND_WITHIN_MS)
        }),
      )
    },
  )

  it.each([0.1, 0.2, 0.3, 0.5, 1])('that spins beside others, with %d of a processor, is found within 15 seconds', (share) => {
    const before = [{ forMs: 60_000, share }]
    expect(foundMs(seized(before, [{ forMs: 60_000, share }], 'spins', [DECODE]))).toBeLessThanOrEqual(FOUND_WITHIN_MS)
  })

  it('that spins is found once it has used three times what its step needs, and a second, and ten seconds have passed', () => {
    const enoughCpuMs = 1_000
    fc.assert(
      fc.property(schedule(0.02, 1, 60_000), schedule(0.02, 1, 60_000), (before, after) => {
        const life = seized(before, [...after, { forMs: 20_000, share: 1 }], 'spins', [DECODE])
        let usedMs = 0
        let dueMs = 0
        for (const { forMs, share } of [...after, { forMs: 20_000, share: 1 }]) {
          if (usedMs < enoughCpuMs) dueMs += Math.min(forMs, (enoughCpuMs - usedMs) / share)
          usedMs += forMs * share
        }
        expect(foundMs(life)).toBeLessThanOrEqual(Math.max(10_000, dueMs) + LATE_MS)
      }),
    )
  })

  it('that spins is not judged while it has had little time', () => {
    fc.assert(
      fc.property(schedule(0.02, 1, 120_000), schedule(0.02, 0.1, 120_000), (before, after) => {
        const { fault, spentCpuMs } = simulateLife(seized(before, after, 'spins', [CHUNK]))
        if (fault) expect(spentCpuMs).toBeGreaterThan(CHUNK.layers * CHUNK.layerCpuMs)
      }),
    )
  })

  it.each([0.2, 1])('that spins is found though another rank spins in waiting for it, each with %d of a processor', (share) => {
    expect(endOfPair(share, 0)).toBeLessThanOrEqual(30)
  })

  it.each([0.2, 1])('that spins in waiting for a slow rank waits for it, with %d of a processor', (share) => {
    expect(endOfPair(share, 0.02)).toBeNull()
  })
})

/**
 * Two ranks, as over JACCL, where ranks spin while they wait. After ten seconds, the first one waits for the second one.
 *
 * @param slowShare - the second one's share of a processor, with which it works; 0: it spins instead
 * @returns the second in which the first fault is found, counted from then; null if none is found in ten minutes
 */
function endOfPair(share: number, slowShare: number): number | null {
  const seizedAt = 10
  let states: readonly WatchState[] = [startWatch(0), startWatch(0)]
  for (let second = 1; second <= 600; second++) {
    const waited = Math.max(0, second - seizedAt)
    const ranks = [
      { steps: second - waited, layersDone: second - waited, cpuMs: second * share * 1_000 },
      {
        steps: second - waited,
        layersDone: second - waited + Math.floor((waited * slowShare) / 0.6),
        cpuMs: (second - waited + waited * (slowShare || share)) * 1_000,
      },
    ]
    const ticked = states.map((state, rank) => {
      const { steps, layersDone, cpuMs } = ranks[rank]!
      const slowSteps = [{ tokens: 1, durationMs: 1_000, cpuMs: 400 }]
      const heard = hearWorker(state, { stats: { ...BUSY_STATS, steps }, loadsDraft: false, layersDone, cpuMs, slowSteps })
      return tickWatch(heard, second * 1_000, true, SIMULATED_LIMITS)
    })
    if (ticked.some(({ fault }) => fault)) return waited
    const moved = ticked.map(({ state }, rank) => state.moves > states[rank]!.moves)
    states = ticked.map(({ state }, rank) => (moved[1 - rank] ? restartClock(state) : state))
  }
  return null
}
