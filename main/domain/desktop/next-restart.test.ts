import { expect, it } from 'vitest'
import { type DeathTimes, nextRestart } from './next-restart.ts'

const limits = { firstDelayMs: 500, maxDelayMs: 1_500, mostDeaths: 4, windowMs: 60_000 }

/** The delays after deaths at these times. */
function delaysOf(times: readonly number[]): (number | null)[] {
  let deaths: DeathTimes = []
  return times.map((nowMs) => {
    const next = nextRestart(deaths, nowMs, limits)
    deaths = next.deaths
    return next.delayMs
  })
}

it('waits longer each time, and gives up', () => expect(delaysOf([0, 1_000, 2_000, 3_000])).toEqual([500, 1_000, 1_500, null]))
it('forgets what is long ago', () => expect(delaysOf([0, 1_000, 2_000, 61_500])).toEqual([500, 1_000, 1_500, 1_000]))
it('tries again when it is asked to', () => expect(nextRestart([], 5_000, limits)).toEqual({ deaths: [5_000], delayMs: 500 }))
