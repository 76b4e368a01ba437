import { expect, it } from 'vitest'
import { aCard } from '../cluster/__fixtures__/builders.ts'
import { draftBytes, draftSizeOf } from './draft-size.ts'

it('a draft takes its weights and four bytes per cached number', () => {
  const card = aCard({ layers: 3, kvHeads: 2, headDim: 5, weightBytes: 1000 })
  const draftSize = draftSizeOf(card, 100)
  expect(draftSize).toEqual({ weightBytes: 1000, tokenBytes: 3 * 2 * 2 * 5 * 4 })
  expect([draftBytes({ draftSize }, 10), draftBytes({}, 10)]).toEqual([1000 + 2400, 0])
})
