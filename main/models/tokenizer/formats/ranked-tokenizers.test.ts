import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadTokenizer } from '../load-tokenizer.ts'
import { tokenBytesOf } from '../token-table.ts'

/** A small vocabulary, and the ids that tiktoken (with Kimi's pattern) and mistral-common (with Mistral's) give for some texts. */
const { tokens, answers } = JSON.parse(readFileSync(new URL('../__fixtures__/ranked-token-ids.json', import.meta.url), 'utf8')) as {
  tokens: string[]
  answers: { text: string; kimi: number[]; tekken: number[] }[]
}
const TEKKEN_SPECIALS = 100
const TEKKEN_TOKENS = 400
const TEKKEN_PATTERN =
  '[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+|' +
  '[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*|\\p{N}| ' +
  '?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+'

const tiktokenModel = (lines = tokens): string => lines.map((token, rank) => `${token} ${rank}\n`).join('')
const kimiConfig = {
  added_tokens_decoder: { [tokens.length]: { content: '[BOS]', special: true }, [tokens.length + 1]: { content: '[EOS]', special: true } },
  bos_token: '[BOS]',
  eos_token: '[EOS]',
  chat_template: '{% for message in messages %}{{ message.content }}{% endfor %}[EOS]',
}
const tekken = {
  config: { pattern: TEKKEN_PATTERN, default_vocab_size: TEKKEN_TOKENS + TEKKEN_SPECIALS, default_num_special_tokens: TEKKEN_SPECIALS },
  vocab: tokens.map((token_bytes, rank) => ({ rank, token_bytes, token_str: null })),
  special_tokens: ['<unk>', '<s>', '</s>'].map((token_str, rank) => ({ rank, token_str, is_control: true })),
}

describe('a folder without tokenizer.json', () => {
  let dir: string
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'exo-tokenizer-'))
    writeFileSync(join(dir, 'config.json'), JSON.stringify({ model_type: 'kimi_k2', vocab_size: tokens.length + 256 }))
  })
  afterEach(() => rmSync(dir, { recursive: true, force: true }))
  const put = (name: string, content: string | object): void =>
    writeFileSync(join(dir, name), typeof content === 'string' ? content : JSON.stringify(content))
  const encodeAll = async (): Promise<number[][]> => {
    const { answer } = await loadTokenizer(dir)
    return answers.map(({ text }) => Array.from(answer({ type: 'encode', text, addSpecialTokens: false, suffix: null }).tokenIds))
  }

  it('B02: of Kimi has the ids that tiktoken gives', async () => {
    put('tiktoken.model', tiktokenModel())
    put('tokenizer_config.json', kimiConfig)
    expect(await encodeAll()).toEqual(answers.map(({ kimi }) => kimi))
    const { facts } = await loadTokenizer(dir)
    expect(facts).toMatchObject({ bosTokenId: tokens.length, eosTokenIds: [tokens.length + 1], vocabSize: tokens.length + 256 })
  })

  it('B02: of Kimi chats, and each token has its bytes', async () => {
    put('tiktoken.model', tiktokenModel())
    put('tokenizer_config.json', kimiConfig)
    const { answer, facts } = await loadTokenizer(dir)
    const { text, tokenIds } = answer({
      type: 'encode-chat',
      chat: { messages: [{ role: 'user', content: 'the [EOS] text' }], tools: [], templateVariables: {} },
      contextTokens: null,
    })
    expect(text).toBe('the [EOS] text[EOS]')
    expect(Array.from(tokenIds).filter((id) => id === tokens.length + 1)).toHaveLength(1)
    expect(Array.from(tokenIds).at(-1)).toBe(tokens.length + 1)
    const table = facts.table
    expect(table && tokens.every((token, id) => Buffer.from(tokenBytesOf(table, id)).toString('base64') === token)).toBe(true)
  })

  it('of Mistral has the ids that mistral-common gives', async () => {
    put('tekken.json', tekken)
    put('tokenizer_config.json', { bos_token: '<s>', eos_token: '</s>' })
    expect(await encodeAll()).toEqual(answers.map(({ tekken: ids }) => ids))
    expect((await loadTokenizer(dir)).facts).toMatchObject({ bosTokenId: 1, eosTokenIds: [2] })
  })

  it.each([
    ['tiktoken.model', 'not base64 at all\n'],
    ['tiktoken.model', tiktokenModel().replace(' 7\n', ' 8\n')],
    ['tiktoken.model', ''],
    ['tekken.json', JSON.stringify({ ...tekken, vocab: tekken.vocab.slice(0, 300) })],
    ['tekken.json', JSON.stringify({ vocab: tekken.vocab })],
    ...[4e9, Number.MAX_SAFE_INTEGER].map((most): [string, string] => [
      'tekken.json',
      JSON.stringify({ ...tekken, config: { ...tekken.config, default_vocab_size: most, default_num_special_tokens: most } }),
    ]),
    ['tekken.json', JSON.stringify({ ...tekken, config: { ...tekken.config, default_vocab_size: TEKKEN_SPECIALS } })],
    ['tiktoken.model', tiktokenModel([Buffer.alloc(2 ** 20).toString('base64')])],
  ])('C3: is refused where its %s is damaged', async (name, content) => {
    put(name, content)
    await expect(loadTokenizer(dir)).rejects.toMatchObject({ code: 'model-damaged' })
  })

  it('takes a tokenizer.json before all others', async () => {
    put('tiktoken.model', 'damaged')
    put('tokenizer.json', {
      model: { type: 'BPE', vocab: { a: 0, b: 1 }, merges: [] },
      added_tokens: [],
      normalizer: null,
      pre_tokenizer: null,
      post_processor: null,
      decoder: null,
    })
    expect((await loadTokenizer(dir)).facts.table).not.toBeNull()
  })
})
