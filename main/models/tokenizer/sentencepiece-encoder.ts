import { sentencePieceIds } from './formats/sentencepiece/sentence-piece-ids.ts'
import type { SentencePieceModel } from './formats/sentencepiece/sentencepiece-model.ts'
import { anyOf, type AddedToken, type TextEncoder } from './text-encoder.ts'

interface EncoderOptions {
  readonly addedTokens: readonly AddedToken[]
  /** Added before a text; null: none. */
  readonly bosId: number | null
  /** Whether a space is added only before the whole text, and not after each control token. */
  readonly prefixesFirstOnly: boolean
}

/** The encoder for a `tokenizer.model`. Control tokens are split off first. */
export function createSentencePieceEncoder(model: SentencePieceModel, options: EncoderOptions): TextEncoder {
  const { addedTokens, bosId, prefixesFirstOnly } = options
  const idsOf = sentencePieceIds(model)
  const byContent = new Map(addedTokens.map((token) => [token.content, token]))
  const pieceIds = new Map(model.pieces.map(({ text }, id) => [text, id]))
  const addedPattern = anyOf([...byContent.keys()])
  const encodeSections = (text: string, isPlain: (section: string) => string): number[] => {
    const ids: number[] = []
    let end = 0
    const push = (section: string): void => {
      const plain = isPlain(section)
      if (plain !== '') ids.push(...idsOf(plain, ids.length === 0 || !prefixesFirstOnly))
    }
    for (const match of text.matchAll(addedPattern)) {
      push(text.slice(end, match.index))
      ids.push(byContent.get(match[0])!.id)
      end = match.index + match[0].length
    }
    push(text.slice(end))
    return ids
  }
  return {
    encode: (text, addSpecialTokens) => {
      const ids = encodeSections(text, (section) => section)
      return addSpecialTokens && bosId !== null ? [bosId, ...ids] : ids
    },
    // Without a tokenizer.json, nothing says what stands between the two.
    encodePair: (first, second) => encodeSections(`${first} ${second}`, (section) => section),
    encodeMarked: (text, mark) => encodeSections(text, (section) => section.replaceAll(mark, '')),
    idOf: (token) => byContent.get(token)?.id ?? pieceIds.get(token),
    addedTokens,
  }
}
