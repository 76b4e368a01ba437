import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { ManualClock } from '../__fixtures__/manual-clock.ts'
import { keepTrying } from './keep-trying.ts'

it('tries until it succeeds, and not once more', async () => {
  const clock = new ManualClock()
  let tries = 0
  const done = keepTrying(
    async () => {
      if (++tries < 3) throw new Error('full')
    },
    10,
    clock,
    new AbortController().signal,
  )
  for (let step = 0; step < 6; step++) {
    await clock.advance(10)
    await setImmediate()
  }
  await done
  expect(tries).toBe(3)
})
it('ends with its signal', async () => {
  const ending = new AbortController()
  const clock = new ManualClock()
  let tries = 0
  const done = keepTrying(async () => void tries++, 10, clock, ending.signal)
  ending.abort()
  await done
  expect(tries).toBe(0)
})
