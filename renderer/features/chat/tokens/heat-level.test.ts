import { describe, expect, it } from 'vitest'
import { heatLevel } from './heat-level.ts'

describe('heatLevel', () => {
  it.each([
    [1, 0],
    [0.9, 0],
    [0.89, 1],
    [0.3, 2],
    [0.1, 3],
    [0, 4],
    [null, 0],
  ] as const)('gives a probability of %s the level %s', (probability, level) => expect(heatLevel(probability)).toBe(level))
})
