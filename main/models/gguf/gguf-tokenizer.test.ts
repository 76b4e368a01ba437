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

const ggufTokenizerFiles = (metadata: Record<string, GgufValue>) =>
  files({ 'tokenizer.ggml.model': 'gpt2', 'tokenizer.ggml.bos_token_id': 0, 'tokenizer.ggml.eos_token_id': 0, ...metadata })

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

  it.each([
    ['gpt-4o', "HTTPServer's 1234 x", ["HTTPServer's", 'Ġ', '123', '4', 'Ġx']],
    ['llama4', 'fooBar', ['foo', 'Bar']],
    ['deepseek-v3', "12345 don't", ['123', '45', 'Ġdon', "'t"]],
    ['glm4', "don't 1234", ['don', "'t", 'Ġ', '123', '4']],
    ['dbrx', 'a1234', ['a', '123', '4']],
    ['command-r', 'a12', ['a', '1', '2']],
    ['olmo', 'a12 b', ['a', '12', 'Ġb']],
    ['qwen35', 'a12 b', ['a', '1', '2', 'Ġb']],
    ['bailingmoe2', 'a12\n\nb', ['a', '1', '2', 'Ċ', 'Ċ', 'b']],
    ['minimax-m2', 'fooBar', ['foo', 'Bar']],
    ['hunyuan-dense', "12345 don't", ['123', '45', 'Ġdon', "'t"]],
  ])('C06 cuts as %s does', (pre, text, pieces) => {
    // Every piece is a token, and only complete pieces are.
    const vocabulary = [...new Set(pieces)]
    const letters = [...new Set(vocabulary.flatMap((piece) => [...piece]))]
    const merges: string[] = []
    const tokens = ['<|end|>', ...letters]
    for (const piece of vocabulary) {
      const all = [...piece]
      for (let length = 2; length <= all.length; length += 1) {
        const [left, right] = [all.slice(0, length - 1).join(''), all[length - 1]!]
        if (!merges.includes(`${left} ${right}`)) merges.push(`${left} ${right}`)
        if (!tokens.includes(left + right)) tokens.push(left + right)
      }
    }
    const made = ggufTokenizerFiles({
      'tokenizer.ggml.pre': pre,
      'tokenizer.ggml.tokens': tokens,
      'tokenizer.ggml.token_type': tokens.map((_, index) => (index === 0 ? 3 : 1)),
      'tokenizer.ggml.merges': merges,
    })
    expect(encode(made, text)).toEqual(pieces)
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
