import { Tokenizer } from '@huggingface/tokenizers'
import { describe, expect, it } from 'vitest'
import { ggufMetadata } from './gguf-metadata.ts'
import { ggufTokenizer } from './gguf-tokenizer.ts'
import type { GgufValue } from './parse-gguf-header.ts'

const files = (metadata: Record<string, GgufValue>) =>
  ggufTokenizer(ggufMetadata({ version: 3, metadata: new Map(Object.entries(metadata)), tensors: [], dataStartBytes: 0 }), 2048)
const encode = ({ tokenizer, tokenizerConfig }: ReturnType<typeof files>, text: string): string[] =>
  new Tokenizer(tokenizer, tokenizerConfig).encode(text).tokens

const sentencePiece = {
  'tokenizer.ggml.model': 'llama',
  'tokenizer.ggml.tokens': ['<unk>', '<s>', '</s>', '<0xC3>', '<0xA9>', '▁', 'a', 'b', 'ab', '▁a', '▁ab', 'bb'],
  'tokenizer.ggml.scores': [0, 0, 0, 0, 0, -9, -10, -11, -2, -3, -1, -4],
  'tokenizer.ggml.token_type': [2, 3, 3, 6, 6, 1, 1, 1, 1, 1, 1, 1],
  'tokenizer.ggml.bos_token_id': 1,
  'tokenizer.ggml.eos_token_id': 2,
}

const byteLevel = (pre: string): Record<string, GgufValue> => ({
  'tokenizer.ggml.model': 'gpt2',
  'tokenizer.ggml.pre': pre,
  'tokenizer.ggml.tokens': ['<|end|>', '<|begin|>', '1', '2', '12', 'a', '<pad>', '__proto__', '<tool>'],
  'tokenizer.ggml.token_type': [3, 3, 1, 1, 1, 1, 5, 1, 4],
  'tokenizer.ggml.merges': ['1 2'],
  'tokenizer.ggml.bos_token_id': 1,
  'tokenizer.ggml.eos_token_id': 5,
})

describe('ggufTokenizer', () => {
  it('merges SentencePiece pieces by their scores, falls back to bytes, and puts BOS first', () => {
    expect(encode(files(sentencePiece), 'ab abb')).toEqual(['<s>', '▁ab', '▁ab', 'b'])
    expect(encode(files(sentencePiece), 'é')).toEqual(['<s>', '▁', '<0xC3>', '<0xA9>'])
  })

  it('honours what the file says of BOS and of the space before a text', () => {
    const quiet = files({ ...sentencePiece, 'tokenizer.ggml.add_bos_token': false, 'tokenizer.ggml.add_space_prefix': false })
    expect(encode(quiet, 'ab')).toEqual(['ab'])
  })

  it('cuts digits apart where the pre-tokenizer does', () => {
    expect([
      encode(files(byteLevel('smollm')), '12'),
      encode(files(byteLevel('gpt-2')), '12'),
      encode(files(byteLevel('llama-bpe')), '12'),
    ]).toEqual([['1', '2'], ['12'], ['<|begin|>', '12']])
  })

  it("takes control tokens as special, users' own as added, and leaves unused ones out", () => {
    const { tokenizer, eosTokenIds } = files(byteLevel('gpt-2'))
    const { added_tokens: added, model } = tokenizer as {
      added_tokens: { id: number; special: boolean }[]
      model: { vocab: Record<string, number> }
    }
    expect(added.map(({ id, special }) => [id, special])).toEqual([
      [0, true],
      [1, true],
      [5, true],
      [8, false],
    ])
    expect(Object.keys(model.vocab)).toEqual(['1', '2', '12', '<|end|>', '<|begin|>', 'a', '__proto__', '<tool>'])
    expect(eosTokenIds).toEqual([5, 0])
  })

  it('refuses merges that are no pairs, and scores that are missing', () => {
    expect(() => files({ ...byteLevel('gpt-2'), 'tokenizer.ggml.merges': ['12'] })).toThrow(
      expect.objectContaining({ code: 'model-damaged' }),
    )
    expect(() => files({ ...sentencePiece, 'tokenizer.ggml.scores': [0] })).toThrow(expect.objectContaining({ code: 'model-damaged' }))
    expect(() => files({ 'tokenizer.ggml.model': 'gpt2' })).toThrow(expect.objectContaining({ code: 'model-damaged' }))
  })
})
