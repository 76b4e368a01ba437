import { describe, expect, it } from 'vitest'
import { createStopFilter } from './stop-filter.ts'
import { createStreamDetokenizer, detokenize, type TokenTexts } from './stream-detokenizer.ts'

const encoder = new TextEncoder()

/** A vocabulary whose tokens are the pieces of a text that was split into bytes. */
function vocabularyOf(pieces: readonly Uint8Array[], stripsLeadingSpace = false): TokenTexts {
  return { tokenBytes: (tokenId) => pieces[tokenId] ?? new Uint8Array(), isSpecial: () => false, stripsLeadingSpace }
}

const TEXTS = [
  '👨‍👩‍👧‍👦 family',
  'flags 🇩🇪🇯🇵🏴󠁧󠁢󠁳󠁣󠁴󠁿',
  '漢字とかな交じり文',
  'ก็ไม่ใช่',
  'नमस्ते',
  'e\u0301 and 👍🏽',
  '\u{1F3F3}\uFE0F\u200D\u{1F308}',
]

describe('H11 characters that are split over tokens', () => {
  it.each(TEXTS)('never show a part of one: %s', (text) => {
    const bytes = encoder.encode(text)
    for (const size of [1, 2, 3, 5]) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.subarray(index * size, (index + 1) * size))
      const detokenizer = createStreamDetokenizer(vocabularyOf(pieces), { specialTokens: 'skip' })
      const shown = pieces.map((_, tokenId) => detokenizer.push(tokenId))
      expect(shown.join('')).toBe(text)
      for (const part of shown) expect(part).not.toContain('\uFFFD')
    }
  })

  it('lose one space at most, of SentencePiece alone', () => {
    const pieces = ['  leading', ' x'].map((piece) => encoder.encode(piece))
    expect(detokenize(vocabularyOf(pieces, true), [0, 1], { specialTokens: 'skip' })).toBe(' leading x')
    expect(detokenize(vocabularyOf(pieces), [0, 1], { specialTokens: 'skip' })).toBe('  leading x')
  })

  it.each([[['say EN', 'D of it']], [['say E', 'N', 'D']], [['say ', 'END']], [[...'say END of it']]])(
    'show nothing of a stop string that is split: %j',
    (pieces) => {
      const filter = createStopFilter(['END'])
      let text = ''
      for (const piece of pieces) {
        const { text: passed, stopString } = filter.push(piece)
        text += passed
        if (stopString !== null) break
      }
      expect(text).toBe('say ')
    },
  )
})
