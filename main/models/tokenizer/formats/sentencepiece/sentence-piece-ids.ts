import { CharsMap } from './chars-map.ts'
import { mergeCutter } from './cut-by-merges.ts'
import { unigramCutter } from './unigram-cutter.ts'
import { PieceTrie } from './piece-trie.ts'
import type { SentencePieceModel } from './sentencepiece-model.ts'
import { writeForPieces } from './write-for-pieces.ts'

/** The ids of a text without control tokens, like those of the sentencepiece library. */
export function sentencePieceIds(model: SentencePieceModel): (text: string, addsPrefix: boolean) => number[] {
  const charsMap = new CharsMap(model.charsMap)
  const trie = new PieceTrie()
  const symbols = new PieceTrie()
  const byteIds = new Map<number, number>()
  model.pieces.forEach(({ text, type }, id) => {
    if (type === 'normal' || type === 'user-defined') trie.add(text, id)
    if (type === 'user-defined') symbols.add(text, id)
    if (type === 'byte') byteIds.set(Number.parseInt(text.slice(3, 5), 16), id)
  })
  const cut = model.kind === 'unigram' ? unigramCutter(model, trie) : mergeCutter(model, symbols)
  return (text, addsPrefix) => {
    const rules = { ...model, addsPrefix: model.addsPrefix && addsPrefix }
    const written = writeForPieces(text, rules, charsMap, (whole, at) => symbols.longestAt(whole, at))
    const ids: number[] = []
    let start = 0
    let isAfterUnknown = false
    for (const { id, end } of cut(written)) {
      const isUnknown = id === model.unknownId
      if (isUnknown && model.hasByteFallback)
        for (const byte of Buffer.from(written.slice(start, end))) ids.push(byteIds.get(byte) ?? model.unknownId)
      // Consecutive unknown characters form one token.
      else if (!isUnknown || !isAfterUnknown) ids.push(id)
      isAfterUnknown = isUnknown
      start = end
    }
    return ids
  }
}
