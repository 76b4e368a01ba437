import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { joinRanges } from '../files/byte-ranges.ts'
import { isHeadTied, needsTensor, partsOf, type ShardPart } from '../files/shard-tensors.ts'
import { sharePieces } from './share-pieces.ts'

const MB = 1 << 20
const ranges = fc
  .array(
    fc.tuple(fc.nat(60), fc.nat(40)).map(([start, length]) => ({ start: start * MB, end: (start + length) * MB })),
    { maxLength: 5 },
  )
  .map(joinRanges)

describe('sharePieces', () => {
  it('gives every rank what it wants, and every byte one owner who wants it too', () => {
    fc.assert(
      fc.property(fc.array(ranges, { minLength: 1, maxLength: 5 }), (wanted) => {
        const byRank = wanted.map((_, rank) => sharePieces('x', wanted, rank))
        byRank.forEach((pieces, rank) => expect(joinRanges(pieces)).toEqual(wanted[rank]))
        const owned = byRank.flatMap((pieces, rank) => pieces.filter(({ owner }) => owner === rank))
        expect(joinRanges(owned)).toEqual(joinRanges(wanted.flat()))
        expect(owned.reduce((sum, { start, end }) => sum + end - start, 0)).toBe(
          joinRanges(wanted.flat()).reduce((sum, { start, end }) => sum + end - start, 0),
        )
        for (const piece of byRank.flat()) expect(owned).toContainEqual(piece)
      }),
    )
  })

  it('spreads what all want over all', () => {
    const all = [{ start: 0, end: 100 * MB }]
    expect([0, 1, 2].map((rank) => sharePieces('x', [all, all, all], rank).filter(({ owner }) => owner === rank).length)).toEqual([2, 1, 1])
  })
})

describe('needsTensor', () => {
  const shard = (rank: number, start: number, end: number) => ({
    nodeId: `n${rank}` as never,
    rank,
    stage: 1 - rank,
    layers: { start, end },
    weightBytes: 0,
    kvBytes: 0,
  })
  const [last, first] = partsOf({ strategy: 'pipeline', shards: [shard(0, 2, 4), shard(1, 0, 2)] })
  const needed = (part: ShardPart | undefined, isTied: boolean): string[] =>
    [
      'model.embed_tokens.weight',
      'model.layers.1.mlp.up_proj.weight',
      'model.layers.2.mlp.up_proj.scales',
      'model.layers.12.x',
      'model.norm.weight',
      'lm_head.weight',
      'visual.blocks.0.w',
    ].filter((name) => needsTensor(part ?? null, name, isTied))
  it('follows the layers and the ends of a pipeline', () => {
    expect(needed(first, false)).toEqual(['model.embed_tokens.weight', 'model.layers.1.mlp.up_proj.weight', 'visual.blocks.0.w'])
    expect(needed(last, false)).toEqual(['model.layers.2.mlp.up_proj.scales', 'model.norm.weight', 'lm_head.weight', 'visual.blocks.0.w'])
    expect(needed(last, true)).toEqual([
      'model.embed_tokens.weight',
      'model.layers.2.mlp.up_proj.scales',
      'model.norm.weight',
      'visual.blocks.0.w',
    ])
  })
  it('takes the embedding for the head where config.json says so, or no file has a head', () => {
    const tied = (config: Record<string, unknown>, ...names: string[]): boolean => isHeadTied(config, ['model.norm.weight', ...names])
    expect([
      tied({}),
      tied({ tie_word_embeddings: false }),
      tied({ tie_word_embeddings: true }, 'lm_head.weight'),
      tied({ text_config: { tie_word_embeddings: true } }, 'language_model.lm_head.weight'),
    ]).toEqual([true, true, true, true])
    expect([
      tied({}, 'lm_head.weight'),
      tied({ tie_word_embeddings: false }, 'lm_head.weight'),
      tied({ model_type: 'gemma3', tie_word_embeddings: true }, 'lm_head.weight'),
    ]).toEqual([false, false, false])
  })
  it('is all in tensor parallel', () => {
    expect(partsOf({ strategy: 'tensor', shards: [shard(0, 0, 4), shard(1, 0, 4)] })).toEqual([null, null])
    expect(needed(undefined, true)).toHaveLength(7)
  })
})
