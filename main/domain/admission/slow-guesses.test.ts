import { expect, it } from 'vitest'
import { SlowGuesses } from './slow-guesses.ts'

it('B2: guesses of one machine get slower, of another not; the right key forgives', () => {
  const guesses = new SlowGuesses()
  let nowMs = 0
  let made = 0
  for (; nowMs < 10 * 60_000; nowMs += 100) {
    if (guesses.waitMs('10.0.0.9', nowMs) > 0) continue
    guesses.missed('10.0.0.9', nowMs)
    made += 1
  }
  expect(made).toBeLessThan(25)
  expect(guesses.waitMs('10.0.0.9', nowMs)).toBeGreaterThan(0)
  expect(guesses.waitMs('10.0.0.8', nowMs)).toBe(0)
  guesses.forgive('10.0.0.9')
  expect(guesses.waitMs('10.0.0.9', nowMs)).toBe(0)
})

it('keeps a bounded number of machines', () => {
  const guesses = new SlowGuesses()
  for (let machine = 0; machine < 5000; machine += 1) for (let miss = 0; miss < 4; miss += 1) guesses.missed(String(machine), 0)
  expect(guesses.waitMs('0', 0)).toBe(0)
  expect(guesses.waitMs('4999', 0)).toBeGreaterThan(0)
})
