import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PairMerger } from './pair-merger.ts'

type Pair = readonly [string, string]

/** The algorithm as described in the papers. */
function mergeSimply(letters: readonly string[], merges: readonly Pair[]): string[] {
  const pieces = [...letters]
  for (;;) {
    let best = { rank: Number.POSITIVE_INFINITY, at: -1 }
    for (let at = 0; at + 1 < pieces.length; at++) {
      const rank = merges.findIndex(([left, right]) => left === pieces[at] && right === pieces[at + 1])
      if (rank !== -1 && rank < best.rank) best = { rank, at }
    }
    if (best.at === -1) return pieces
    pieces.splice(best.at, 2, `${pieces[best.at]}${pieces[best.at + 1]}`)
  }
}

describe('PairMerger', () => {
  it('joins as plain byte-pair encoding does', () => {
    const piece = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 4 })
    const merges = fc.uniqueArray(fc.tuple(piece, piece), { maxLength: 30, selector: ([left, right]) => `${left} ${right}` })
    const word = fc.array(fc.constantFrom('a', 'b', 'c', 'é'), { maxLength: 40 })
    fc.assert(
      fc.property(merges, fc.array(word, { maxLength: 4 }), (pairs, words) => {
        const merger = new PairMerger(pairs)
        for (const letters of words) expect(merger.merge(letters)).toEqual(mergeSimply(letters, pairs))
      }),
    )
  })

  // Work that grows with the square of the length takes minutes for this word.
  it('C3: takes time in proportion to the length of one word', { timeout: 30_000 }, () => {
    const merges: Pair[] = Array.from({ length: 6 }, (_, power) => ['a'.repeat(2 ** power), 'a'.repeat(2 ** power)])
    const count = 2 ** 19
    expect(new PairMerger(merges).merge(Array<string>(count).fill('a'))).toHaveLength(count / 64)
  })
})
