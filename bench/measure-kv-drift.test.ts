import { expect, it } from 'vitest'
import { driftOf } from './measure-kv-drift.ts'

it('the drift of a KV cache is the mean change of the log-probabilities, and of the perplexity', () => {
  const { meanDifference, perplexityRatio, tokens } = driftOf(8, [-1, -2, -3], [-1.3, -1.9, -3.1])
  expect(meanDifference).toBeCloseTo(0.5 / 3)
  expect(perplexityRatio).toBeCloseTo(Math.exp(0.3 / 3))
  expect(tokens).toBe(3)
})
