import { describe, expect, it } from 'vitest'
import { ModelCard } from '../../../main/shared/models/model-card.ts'
import { catalogueRow } from './__fixtures__/catalogue-row.ts'
import { groupModels, type ModelGroup } from './model-groups.ts'
import { sectionModels } from './model-sections.ts'
import { bestModels, recommendationRank, USES } from './recommended-models.ts'

const GIB = 2 ** 30
const memory = { freeBytes: 20 * GIB, totalBytes: 32 * GIB }
const groups = groupModels([
  catalogueRow('org/huge-4bit', 400 * GIB),
  catalogueRow('org/tight-4bit', 25 * GIB),
  catalogueRow('org/unlisted-4bit', 9 * GIB),
  catalogueRow('org/Qwen3-8B-4bit', 4 * GIB, { capabilities: ['completion', 'thinking'] }),
  catalogueRow('org/Qwen3-8B-8bit', 8 * GIB, { bits: 8 }),
  catalogueRow('org/mine-4bit', GIB, { isHere: true, aliases: ['pet'] }),
  catalogueRow('org/busy-4bit', GIB, { isHere: true }),
  catalogueRow('org/loading-4bit', GIB),
])
const names = (search = '', family: string | null = null) => {
  const sections = sectionModels(groups, { search, family }, memory, new Set(['org/loading-4bit', 'org/busy-4bit']))
  return Object.fromEntries(
    Object.entries<readonly ModelGroup[]>({ ...sections }).map(([section, found]) => [section, found.map(({ name }) => name)]),
  )
}

describe('the sections of the models', () => {
  it('have what is placed, what is here, what fits with the recommended first, and what is too big with the smallest first', () =>
    expect(names()).toEqual({
      loaded: ['busy', 'loading'],
      here: ['mine'],
      fitting: ['Qwen3-8B', 'unlisted'],
      tooBig: ['tight', 'huge'],
    }))
  it.each([
    ['qwen', 'Qwen3-8B'],
    ['QWEN 8bit', 'Qwen3-8B'],
    ['thinking', 'Qwen3-8B'],
    ['pet', 'mine'],
  ])('find %s in names, aliases and capabilities', (search, name) => expect(Object.values(names(search)).flat()).toEqual([name]))
  it('show one family', () => expect(Object.values(names('', 'Qwen')).flat()).toEqual(['Qwen3-8B']))
})

describe('the recommended models', () => {
  it('are the best that fit, for each use', () =>
    expect(bestModels(groups, memory).map(({ use, name, variant }) => [use, name, variant.label])).toEqual([
      ['chat', 'Qwen3-8B', '8-bit'],
      ['code', 'Qwen3-8B', '8-bit'],
      ['reasoning', 'Qwen3-8B', '8-bit'],
    ]))
  it('are all in the catalogue, and cover every use on a small and on a large cluster', () => {
    const files = import.meta.glob('../../../assets/model-cards/*.json', { eager: true, import: 'default' })
    const cards = Object.values(files).map((file) => ModelCard.parse(file))
    const all = groupModels(cards.map((card) => ({ ...catalogueRow(card.modelId, card.weightBytes), card })))
    const uses = (freeGib: number) => bestModels(all, { freeBytes: freeGib * GIB, totalBytes: freeGib * GIB }).map(({ use }) => use)
    expect([uses(3), uses(2000)]).toEqual([USES, USES])
    const ranked = new Set(all.map(recommendationRank))
    expect(ranked.size - 1).toBe(Math.max(...ranked))
  })
})
