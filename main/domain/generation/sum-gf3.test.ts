import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Trit } from '../../shared/inference/trit.ts'
import { sumGf3 } from './sum-gf3.ts'

const trit = fc.constantFrom<Trit>(-1, 0, 1)
const trits = fc.array(trit, { maxLength: 32 })

describe('sumGf3', () => {
  it.each<[Trit[], Trit]>([
    [[], 0],
    [[-1, 0, 1], 0],
    [[1, 1], -1],
    [[-1, -1], 1],
    [[1, 1, 1], 0],
    [[1, 1, 1, 1], 1],
  ])('of %j is %i', (list, sum) => expect(sumGf3(list)).toBe(sum))

  it('is congruent to the sum of the integers modulo 3', () => {
    fc.assert(fc.property(trits, (list) => (list.reduce<number>((sum, each) => sum + each, 0) - sumGf3(list)) % 3 === 0))
  })

  it('does not depend on order or on grouping', () => {
    fc.assert(
      fc.property(trits, trits, (left, right) => {
        const whole = sumGf3([...left, ...right])
        return whole === sumGf3([...right, ...left]) && whole === sumGf3([sumGf3(left), sumGf3(right)])
      }),
    )
  })

  it('has 0 for its neutral element and the negative for an inverse, and three times anything is 0', () => {
    fc.assert(
      fc.property(trit, (each) => sumGf3([each, 0]) === each && sumGf3([each, -each as Trit]) === 0 && sumGf3([each, each, each]) === 0),
    )
  })
})
