import type { PieceTrie } from './piece-trie.ts'
import type { SentencePieceModel } from './sentencepiece-model.ts'

/** How much lower an unknown character scores than the worst piece. */
const UNKNOWN_PENALTY = 10

/** A piece of a text: its id and its end. */
export interface CutPiece {
  readonly id: number
  readonly end: number
}

/** Returns a function that splits a normalized text into the pieces with the highest total score. */
export function unigramCutter({ pieces, unknownId }: SentencePieceModel, trie: PieceTrie): (text: string) => CutPiece[] {
  const normal = pieces.filter(({ type }) => type === 'normal').map(({ score }) => score)
  const least = normal.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  const most = normal.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  const unknownScore = Math.fround(least - UNKNOWN_PENALTY)
  const utf8Length = (text: string, start: number, end: number): number => Buffer.byteLength(text.slice(start, end))
  const scoreOf = (text: string, id: number, start: number, end: number): number => {
    const piece = pieces[id]
    return piece?.type === 'user-defined' ? Math.fround(utf8Length(text, start, end) * most - 0.1) : (piece?.score ?? 0)
  }
  return (text) => {
    const scores = new Float32Array(text.length + 1)
    const starts = new Int32Array(text.length + 1).fill(-1)
    const ids = new Int32Array(text.length + 1)
    const offer = (start: number, end: number, id: number, score: number): void => {
      const sum = Math.fround(score + scores[start]!)
      if (starts[end] !== -1 && sum <= scores[end]!) return
      scores[end] = sum
      starts[end] = start
      ids[end] = id
    }
    for (let start = 0; start < text.length; ) {
      const next = start + ((text.codePointAt(start) as number) > 0xffff ? 2 : 1)
      let isKnown = false
      for (const { id, end } of trie.startingAt(text, start)) {
        offer(start, end, id, scoreOf(text, id, start, end))
        isKnown ||= end === next
      }
      if (!isKnown) offer(start, next, unknownId, unknownScore)
      start = next
    }
    const cut: CutPiece[] = []
    for (let end = text.length; end > 0; end = starts[end]!) cut.push({ id: ids[end]!, end })
    return cut.reverse()
  }
}
