import { expect, it } from 'vitest'
import { catalogueRow } from './__fixtures__/catalogue-row.ts'
import { preferredModel } from './model-listing.ts'

it('a new chat uses the model of before, then a loaded one, then any', () => {
  const models = [catalogueRow('org/small', 10), catalogueRow('org/middle', 100, { loaded: true }), catalogueRow('org/big', 1000)]
  expect([preferredModel(models, 'org/big'), preferredModel(models, 'org/gone'), preferredModel(models.slice(0, 1), null)]).toEqual([
    'org/big',
    'org/middle',
    'org/small',
  ])
  expect(preferredModel([], 'org/gone')).toBeNull()
})
