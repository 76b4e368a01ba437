import { expect, it } from 'vitest'
import { advisePlacement, type PlacementFigures } from './advise-placement.ts'

const figures = (machines: number, decode: number | null, prefill: number | null, together: number | null): PlacementFigures => ({
  machines,
  decodeTokensPerSecond: decode,
  prefillTokensPerSecond: prefill,
  togetherTokensPerSecond: together,
})

it('takes the fastest for each aim', () => {
  expect(advisePlacement([figures(1, 20, 200, 40), figures(2, 30, 180, 50), figures(3, 10, 300, 90)])).toEqual({
    decode: 1,
    prefill: 2,
    together: 2,
  })
})

it('takes fewer machines where the difference is noise, and the faster of two equal groups', () => {
  expect(advisePlacement([figures(2, 30.2, 100, 1), figures(1, 30, 90, 1), figures(1, 29.5, 98, 1)])).toMatchObject({
    decode: 1,
    prefill: 2,
  })
})

it('advises nothing where nothing was measured', () => {
  expect(advisePlacement([figures(1, null, null, null)])).toEqual({ decode: null, prefill: null, together: null })
  expect(advisePlacement([])).toEqual({ decode: null, prefill: null, together: null })
})
