import { describe, expect, it } from 'vitest'
import { HubSearchAnswer, hubHits, hubSearchQuery } from './hub-search.ts'

const hits = (...answer: object[]) => hubHits(HubSearchAnswer.parse(answer), 10)

describe('a search of the hub', () => {
  it('asks for the words, or for what is popular now', () => {
    const words = new URLSearchParams(hubSearchQuery(' qwen 3 ', 5))
    expect([words.get('search'), words.get('sort'), words.getAll('filter'), words.get('limit')]).toEqual([
      'qwen 3',
      'downloads',
      ['safetensors'],
      '5',
    ])
    const trending = new URLSearchParams(hubSearchQuery(' ', 5))
    expect([trending.get('search'), trending.get('sort'), trending.getAll('filter')]).toEqual([
      null,
      'trendingScore',
      ['safetensors', 'mlx'],
    ])
    expect(words.getAll('expand[]')).toContain('safetensors')
  })
  it('knows the size from the numbers of elements', () => {
    const found = hits({ id: 'org/a', safetensors: { parameters: { BF16: 100, U32: 50 } }, config: { model_type: 'qwen3' } })
    expect(found).toMatchObject([{ weightBytes: 400, family: 'qwen3' }])
  })
  it('does not guess a size where an element type is unknown or nothing is told', () => {
    expect(hits({ id: 'org/a', safetensors: { parameters: { F4: 100 } } }, { id: 'org/b' }).map(({ weightBytes }) => weightBytes)).toEqual([
      null,
      null,
    ])
  })
  it('leaves out ids that are none', () =>
    expect(hits({ id: '' }, { id: 'org/a', gated: 'auto' })).toMatchObject([{ modelId: 'org/a', isGated: true }]))
})
