import { describe, expect, it } from 'vitest'
import { ManualClock } from './__fixtures__/manual-clock.ts'
import { backoffDelayMs } from './waiting/backoff.ts'
import { systemClock } from './clock.ts'
import { systemRandom } from './random.ts'
import { retry } from './waiting/retry.ts'
import { withinTime } from './waiting/within-time.ts'

const never = new AbortController().signal

describe('systemClock', () => {
  it('sleeps, and wakes with the reason of an abort', async () => {
    const before = systemClock.now()
    await systemClock.sleep(20)
    expect(systemClock.now() - before).toBeGreaterThanOrEqual(19)
    const abort = new AbortController()
    const sleeping = systemClock.sleep(60_000, abort.signal)
    abort.abort(new Error('wake up'))
    await expect(sleeping).rejects.toThrow('wake up')
    await expect(systemClock.sleep(1, abort.signal)).rejects.toThrow('wake up')
  })

  it('ticks until told not to', async () => {
    const abort = new AbortController()
    let ticks = 0
    systemClock.every(5, () => ++ticks === 3 && abort.abort(), abort.signal)
    await expect.poll(() => abort.signal.aborted).toBe(true)
    await systemClock.sleep(30)
    expect(ticks).toBe(3)
  })
})

it('systemRandom draws seeds of 64 bits and ids that differ', () => {
  const seeds = Array.from({ length: 100 }, () => BigInt(systemRandom.seed()))
  expect(seeds.some((seed) => seed > 2n ** 60n)).toBe(true)
  expect(new Set(Array.from({ length: 100 }, () => systemRandom.id('x'))).size).toBe(100)
  expect(systemRandom.bytes(7)).toHaveLength(7)
})

it('backoffDelayMs doubles up to its maximum, in its upper half', () => {
  const delays = [0, 1, 2, 3, 4, 1000].map((attempt) =>
    [0, 1].map((spread) => backoffDelayMs({ attempt, firstDelayMs: 100, maxDelayMs: 1000 }, spread)),
  )
  expect(delays).toEqual([
    [50, 100],
    [100, 200],
    [200, 400],
    [400, 800],
    [500, 1000],
    [500, 1000],
  ])
})

describe('withinTime', () => {
  it('gives the result, or the error of being late, or the reason of the abort', async () => {
    const clock = new ManualClock()
    const late = (): Error => new Error('late')
    const hanging = (signal: AbortSignal): Promise<never> =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    expect(await withinTime(async () => 5, 100, late, clock, never)).toBe(5)
    const tooLong = expect(withinTime(hanging, 100, late, clock, never)).rejects.toThrow('late')
    await clock.advance(101)
    await tooLong
    const abort = new AbortController()
    const aborted = expect(withinTime(() => new Promise(() => undefined), 100, late, clock, abort.signal)).rejects.toThrow('enough')
    abort.abort(new Error('enough'))
    await aborted
  })
})

describe('retry', () => {
  const failing = (failures: number) => {
    let calls = 0
    return { work: async () => (++calls <= failures ? Promise.reject(new Error(`failure ${calls}`)) : calls), calls: () => calls }
  }
  const run = async (failures: number, attempts: number, isRetryable = true): Promise<unknown> => {
    const clock = new ManualClock()
    const { work } = failing(failures)
    const result = retry(work, {
      attempts,
      firstDelayMs: 100,
      maxDelayMs: 1000,
      isRetryable: () => isRetryable,
      clock,
      random: systemRandom,
      signal: never,
    }).catch((error: Error) => error.message)
    await clock.advance(10_000)
    return result
  }

  it('tries again as often as it may, where that may help', async () => {
    expect(await run(2, 3)).toBe(3)
    expect(await run(3, 3)).toBe('failure 3')
    expect(await run(1, 3, false)).toBe('failure 1')
  })

  it('waits for the whole limit, and starts again after progress', async () => {
    const clock = new ManualClock()
    const { work, calls } = failing(4)
    const progress = [true, true, false]
    const options = {
      attempts: 2,
      firstDelayMs: 10,
      maxDelayMs: 10,
      isRetryable: () => true,
      askedDelayMs: () => 5_000,
      hasProgressed: () => progress.shift() ?? false,
    }
    const result = retry(work, { ...options, clock, random: systemRandom, signal: never }).catch((error: Error) => error.message)
    await clock.advance(4_000)
    expect(calls()).toBe(1)
    await clock.advance(20_000)
    expect(await result).toBe('failure 3')
  })
})
