import { describe, expect, it } from 'vitest'
import { SlowStepSizes } from './slow-step-sizes.ts'

const step = (endMs: number, durationMs: number, tokens: number, cpuMs = durationMs) => ({
  beginMs: endMs - durationMs,
  endMs,
  planMs: 0,
  decodedTokens: 0,
  prefilledTokens: 0,
  tokens,
  cpuMs,
})

describe('SlowStepSizes', () => {
  it('F1: tells the slow chunk also where quick steps of the same second follow it', () => {
    const sizes = new SlowStepSizes()
    const steps = [step(8_200, 8_200, 512), ...Array.from({ length: 8 }, (_, index) => step(8_300 + index * 100, 100 + index, 1))]
    expect(sizes.since(steps)).toEqual([
      { tokens: 512, durationMs: 8_200, cpuMs: 8_200 },
      { tokens: 1, durationMs: 107, cpuMs: 107 },
    ])
    expect(sizes.since(steps)).toEqual([])
    expect(sizes.since([...steps.slice(5), step(9_500, 400, 2)])).toEqual([{ tokens: 2, durationMs: 400, cpuMs: 400 }])
  })

  it('F1: tells the longest time and the most processor time, which may be of two steps', () => {
    expect(new SlowStepSizes().since([step(100, 100, 300, 20), step(150, 50, 512, 90)])).toEqual([
      { tokens: 512, durationMs: 100, cpuMs: 90 },
    ])
  })

  it('says nothing of no steps', () => {
    expect(new SlowStepSizes().since([])).toEqual([])
  })
})
