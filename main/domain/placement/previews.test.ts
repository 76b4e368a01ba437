import { describe, expect, it } from 'vitest'
import { aCard, aRequest, cable, ethernet, GB } from '../cluster/__fixtures__/builders.ts'
import { previews } from './previews.ts'

const brief = (preview: ReturnType<typeof previews>[number]): unknown =>
  'error' in preview
    ? [preview.strategy, preview.backend, preview.minNodes, preview.error]
    : [preview.strategy, preview.backend, preview.shards.length]

describe('previews', () => {
  const nodes = { a: { totalBytes: 16 * GB, availableBytes: 16 * GB }, b: { totalBytes: 16 * GB, availableBytes: 16 * GB } }

  it('shows each way in which a model could be placed, and why not the others', () => {
    expect(previews(aCard(), { nodes, links: ethernet('a', 'b') }, aRequest()).map(brief)).toEqual([
      ['pipeline', 'local', 1],
      ['pipeline', 'jaccl', 2, expect.stringMatching(/^JACCL is not possible here: no cable between a and b/)],
      ['pipeline', 'ring', 2],
      ['tensor', 'jaccl', 2, expect.stringMatching(/no cable between a and b/)],
      ['tensor', 'ring', 2],
    ])
    expect(
      previews(
        aCard({ kvHeads: 3 }),
        { nodes, links: [...ethernet('a', 'b'), ...cable('a', 'en2', 'b', 'en2')] },
        aRequest({ minNodes: 2 }),
      ).map(brief),
    ).toEqual([
      ['pipeline', 'jaccl', 2],
      ['pipeline', 'ring', 2],
      ['tensor', 'jaccl', 2, expect.stringMatching(/kv heads \(3\) not divisible by 2/)],
      ['tensor', 'ring', 2, expect.stringMatching(/kv heads \(3\) not divisible by 2/)],
    ])
  })

  it('shows every number of nodes, once', () => {
    const desk = {
      nodes: { ...nodes, c: nodes.a, d: nodes.a },
      links: ['ab', 'ac', 'ad', 'bc', 'bd', 'cd'].flatMap(([a = '', b = '']) => [...ethernet(a, b), ...cable(a, `to-${b}`, b, `to-${a}`)]),
    }
    const sizes = (card: ReturnType<typeof aCard>): unknown[] => previews(card, desk, aRequest()).map(brief)
    expect(sizes(aCard({ attentionHeads: 8, kvHeads: 4 }))).toEqual([
      ['pipeline', 'local', 1],
      ...['jaccl', 'ring'].flatMap((backend) => [2, 3, 4].map((count) => ['pipeline', backend, count])),
      ...['jaccl', 'ring'].flatMap((backend) => [
        ['tensor', backend, 2],
        ['tensor', backend, 4],
      ]),
    ])
    // Two nodes of 16 GB cannot hold it.
    expect(
      sizes(aCard({ weightBytes: 30 * GB, strategies: ['pipeline'] })).filter((way) => Array.isArray(way) && way[0] === 'pipeline'),
    ).toEqual([
      ['pipeline', 'local', 1, expect.stringMatching(/Not enough memory/)],
      ['pipeline', 'jaccl', 3],
      ['pipeline', 'jaccl', 4],
      ['pipeline', 'ring', 3],
      ['pipeline', 'ring', 4],
    ])
  })

  it('says what one node lacks', () => {
    const [single] = previews(aCard({ weightBytes: 20 * GB }), { nodes, links: ethernet('a', 'b') }, aRequest())
    expect(single).toEqual({ strategy: 'pipeline', backend: 'local', minNodes: 1, error: expect.stringMatching(/^Not enough memory/) })
  })
})
