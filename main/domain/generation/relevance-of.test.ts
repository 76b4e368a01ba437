import { expect, it } from 'vitest'
import { relevanceOf } from './relevance-of.ts'

it('a relevance is the sigmoid of one logit, and the share of the second of two', () => {
  expect(relevanceOf([0])).toBe(0.5)
  expect(relevanceOf([2])).toBeCloseTo(0.8808, 4)
  expect(relevanceOf([-1, 1])).toBeCloseTo(0.8808, 4)
  expect(relevanceOf([1000, -1000])).toBe(0)
  expect(relevanceOf([-800])).toBe(0)
})

it('a relevance of no output, and of three, is unknown', () => {
  expect([relevanceOf([]), relevanceOf([1, 2, 3])]).toEqual([null, null])
})
