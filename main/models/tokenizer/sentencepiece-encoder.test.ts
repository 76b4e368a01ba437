import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadTokenizer } from './load-tokenizer.ts'
import { tokenBytesOf } from './token-table.ts'

/** Small models trained by the sentencepiece library, with normalization rules and user-defined symbols, and the library's ids. */
const kinds = JSON.parse(readFileSync(new URL('./__fixtures__/sentencepiece-ids.json', import.meta.url), 'utf8')) as Record<
  'unigram' | 'bpe',
  { model: string; answers: { text: string; ids: number[] }[] }
>
const [UNKNOWN, BOS, EOS] = [0, 1, 2]

describe('a folder with a tokenizer.model', () => {
  let dir: string
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'exo-sentencepiece-'))
    writeFileSync(join(dir, 'config.json'), JSON.stringify({ model_type: 'ernie4_5', vocab_size: 600 }))
  })
  afterEach(() => rmSync(dir, { recursive: true, force: true }))
  const put = (kind: 'unigram' | 'bpe', settings: object = {}): void => {
    writeFileSync(join(dir, 'tokenizer.model'), Buffer.from(kinds[kind].model, 'base64'))
    writeFileSync(join(dir, 'tokenizer_config.json'), JSON.stringify({ bos_token: '<s>', eos_token: '</s>', ...settings }))
  }
  const encode = async (text: string, addSpecialTokens = false): Promise<number[]> =>
    Array.from((await loadTokenizer(dir)).answer({ type: 'encode', text, addSpecialTokens, suffix: null }).tokenIds)

  it.each(['unigram', 'bpe'] as const)('has the ids that the sentencepiece library gives (%s)', async (kind) => {
    put(kind)
    const { answer } = await loadTokenizer(dir)
    // In a model's folder `<s>` and `</s>` are control tokens; the library treats them as text.
    const plain = kinds[kind].answers.filter(({ text }) => !/<\/?s>|<unk>/.test(text))
    expect(plain.length).toBeGreaterThan(30)
    expect(plain.map(({ text }) => Array.from(answer({ type: 'encode', text, addSpecialTokens: false, suffix: null }).tokenIds))).toEqual(
      plain.map(({ ids }) => ids),
    )
  })

  it('begins with the token of a beginning, and cuts control tokens out', async () => {
    put('bpe')
    const [first] = kinds.bpe.answers
    const ids = await encode(first!.text, true)
    expect(ids).toEqual([BOS, ...first!.ids])
    expect((await encode(`the</s>`)).at(-1)).toBe(EOS)
    expect((await loadTokenizer(dir)).facts).toMatchObject({ bosTokenId: BOS, eosTokenIds: [EOS], stripsLeadingSpace: true })
    put('bpe', { add_bos_token: false })
    expect(await encode(first!.text, true)).toEqual(first!.ids)
  })

  it('puts a space behind a control token as its settings say', async () => {
    put('bpe')
    expect((await encode('</s>the')).slice(1)).toEqual(await encode('the'))
    put('bpe', { legacy: false })
    expect((await encode('</s>the')).slice(1)).not.toEqual(await encode('the'))
  })

  it('writes characters that no piece has as bytes, or as one unknown token', async () => {
    put('bpe')
    const { facts } = await loadTokenizer(dir)
    const bytes = (await encode('\u{10348}')).flatMap((id) => Array.from(facts.table ? tokenBytesOf(facts.table, id) : []))
    expect(Buffer.from(bytes).toString()).toBe(' \u{10348}')
    put('unigram')
    expect((await encode('\u{10348}\u{10349}')).filter((id) => id === UNKNOWN)).toHaveLength(1)
  })

  it.each([
    ['cut off', Buffer.from(kinds.bpe.model, 'base64').subarray(0, 5000)],
    ['no such file', Buffer.from('not a model at all')],
    ['empty', Buffer.alloc(0)],
  ])('is refused where it is damaged: %s', async (_, bytes) => {
    put('bpe')
    writeFileSync(join(dir, 'tokenizer.model'), bytes)
    await expect(loadTokenizer(dir)).rejects.toMatchObject({ code: 'model-damaged' })
  })
})
