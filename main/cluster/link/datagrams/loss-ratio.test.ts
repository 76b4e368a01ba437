import { describe, expect, it } from 'vitest'
import { LossRatio } from './loss-ratio.ts'

const after = (...lostEvery: readonly number[]): number => {
  const loss = new LossRatio()
  for (const every of lostEvery)
    for (let beat = 1; beat <= 40; beat += 1) {
      if (beat % every === 0) loss.missed(1)
      else loss.received()
    }
  return loss.value
}

describe('LossRatio', () => {
  it('is near the ratio that is lost, and forgets', () => {
    expect(after(Number.POSITIVE_INFINITY)).toBe(0)
    expect(after(3)).toBeGreaterThan(0.2)
    expect(after(3)).toBeLessThan(0.45)
    expect(after(40)).toBeLessThan(0.15)
    expect(after(3, Number.POSITIVE_INFINITY)).toBeLessThan(0.01)
  })

  it('does not take an interruption for more than it is', () => {
    const loss = new LossRatio()
    loss.missed(1_000_000)
    expect(loss.value).toBeLessThan(0.6)
  })
})
