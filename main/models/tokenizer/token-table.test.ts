import { describe, expect, it } from 'vitest'
import { makeTokenTable, stripsLeadingSpace, tokenBytesOf } from './token-table.ts'

const textsOf = (table: ReturnType<typeof makeTokenTable>): string[] =>
  Array.from(table.special, (_, id) => Buffer.from(tokenBytesOf(table, id)).toString('latin1'))

describe('makeTokenTable', () => {
  it('reads the characters of byte-level BPE as bytes, and added tokens as text', () => {
    const table = makeTokenTable({
      vocab: [
        ['Ġa', 0],
        ['Ċ', 1],
        ['Ã©', 2],
        ['Ń', 3],
      ],
      addedTokens: [
        { id: 5, content: '<|é|>', special: true },
        { id: 6, content: '<think>', special: false },
      ],
      decoder: { type: 'ByteLevel' },
    })
    expect(textsOf(table)).toEqual([' a', '\n', '\u00c3\u00a9', '\u00ad', '', '<|\u00c3\u00a9|>', '<think>'])
    expect([...table.special]).toEqual([0, 0, 0, 0, 0, 1, 0])
  })

  it('keeps the tokens that tell the messages of a harmony answer apart', () => {
    const addedTokens = ['<|channel|>', '<|message|>', '<|call|>'].map((content, id) => ({ id, content, special: true }))
    expect([...makeTokenTable({ vocab: [], addedTokens, decoder: null }).special]).toEqual([0, 0, 1])
  })

  it('keeps the tokens around the arguments of a call', () => {
    const contents = ['<arg_key>', '</arg_key>', '<arg_value>', '</arg_value>', '<|user|>']
    const addedTokens = contents.map((content, id) => ({ id, content, special: true }))
    expect([...makeTokenTable({ vocab: [], addedTokens, decoder: null }).special]).toEqual([0, 0, 0, 0, 1])
  })

  it('reads underlines as spaces and <0x..> as bytes in SentencePiece vocabularies', () => {
    const decoder = {
      type: 'Sequence',
      decoders: [{ type: 'Replace' }, { type: 'ByteFallback' }, { type: 'Fuse' }, { type: 'Strip', content: ' ', start: 1, stop: 0 }],
    }
    const table = makeTokenTable({
      vocab: [
        ['▁a', 0],
        ['<0x0A>', 1],
        ['<0xFF>', 2],
      ],
      addedTokens: [],
      decoder,
    })
    expect(textsOf(table)).toEqual([' a', '\n', '\u00ff'])
    expect(stripsLeadingSpace(decoder)).toBe(true)
  })

  it('knows when decoding drops a leading space', () => {
    expect(
      [
        { type: 'ByteLevel' },
        null,
        { type: 'Metaspace' },
        { type: 'Metaspace', prepend_scheme: 'never' },
        { type: 'Strip', content: ' ', start: 0 },
      ].map(stripsLeadingSpace),
    ).toEqual([false, false, true, false, false])
  })
})
