import { describe, expect, it } from 'vitest'
import { timeSpent } from './time-spent.ts'

describe('timeSpent', () => {
  it.each([
    [{ queueMs: 20, ttftMs: 500, totalMs: 2_000 }, [20, 480, 1_500]],
    [{ queueMs: 0, ttftMs: 500, totalMs: 500 }, [0, 500, 0]],
    [{ queueMs: 900, ttftMs: 500, totalMs: 400 }, [400, 0, 0]],
  ])('divides %j into %j', (stats, parts) => {
    const { waitingMs, readingMs, writingMs } = timeSpent(stats)
    expect([waitingMs, readingMs, writingMs]).toEqual(parts)
  })
})
