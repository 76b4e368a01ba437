import { PairMerger } from '../../encoding/pair-merger.ts'
import type { CutPiece } from './unigram-cutter.ts'
import type { PieceTrie } from './piece-trie.ts'
import type { SentencePieceModel } from './sentencepiece-model.ts'

/**
 * Returns a function that splits a normalized text by BPE: two neighbours are merged if the result is a piece, highest
 * score first. User-defined symbols are not merged.
 */
export function mergeCutter({ pieces, unknownId }: SentencePieceModel, symbols: PieceTrie): (text: string) => CutPiece[] {
  const idOf = new Map<string, number>()
  pieces.forEach(({ text, type }, id) => {
    if ((type === 'normal' || type === 'user-defined') && !idOf.has(text)) idOf.set(text, id)
  })
  const byScore = [...idOf]
    .filter(([, id]) => pieces[id]?.type === 'normal')
    .sort(([, a], [, b]) => pieces[b]!.score - pieces[a]!.score || a - b)
  const merges: [string, string][] = []
  const ranks: number[] = []
  byScore.forEach(([text], rank) => {
    const letters = Array.from(text)
    for (let cut = 1; cut < letters.length; cut++) {
      const [left, right] = [letters.slice(0, cut).join(''), letters.slice(cut).join('')]
      if ((cut > 1 && !idOf.has(left)) || (cut < letters.length - 1 && !idOf.has(right))) continue
      merges.push([left, right])
      ranks.push(rank)
    }
  })
  const merger = new PairMerger(merges, ranks)
  return (text) => {
    const cut: CutPiece[] = []
    let end = 0
    const push = (piece: string): void => {
      end += piece.length
      cut.push({ id: idOf.get(piece) ?? unknownId, end })
    }
    const pushMerged = (part: string): void => {
      if (part !== '') for (const piece of merger.merge(Array.from(part))) push(piece)
    }
    let begin = 0
    for (let at = 0; at < text.length; ) {
      const length = symbols.longestAt(text, at)
      if (length > 0) {
        pushMerged(text.slice(begin, at))
        push(text.slice(at, at + length))
        begin = at += length
      } else at += (text.codePointAt(at) as number) > 0xffff ? 2 : 1
    }
    pushMerged(text.slice(begin))
    return cut
  }
}
