import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadTokenizer } from '../main/models/tokenizer/load-tokenizer.ts'
import { AppError } from '../main/shared/app-error.ts'
import type { FuzzTarget } from './fuzz-target.ts'

/** The first byte of an input names the file that the rest is written to. */
const FILES = ['tekken.json', 'tiktoken.model', 'tokenizer.model'] as const

const root = mkdtempSync(join(tmpdir(), 'exo-fuzz-'))
const folders = FILES.map((file, index) => {
  const folder = join(root, String(index))
  mkdirSync(folder)
  writeFileSync(join(folder, 'config.json'), '{"vocab_size":300}')
  const added = { '4': { content: '<|im_end|>', special: true } }
  writeFileSync(join(folder, 'tokenizer_config.json'), JSON.stringify(file === 'tiktoken.model' ? { added_tokens_decoder: added } : {}))
  return folder
})

const input = (kind: number, text: string | Uint8Array): Buffer => Buffer.concat([Buffer.from([kind]), Buffer.from(text)])
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const tekken = (config: object, tokens: readonly string[]): Buffer =>
  input(0, JSON.stringify({ config, vocab: tokens.map((token, rank) => ({ rank, token_bytes: base64(token) })) }))

const field = (number: number, bytes: Uint8Array): Buffer => Buffer.concat([Buffer.from([number * 8 + 2, bytes.length]), bytes])
const piece = (text: string, type: number): Buffer => {
  const score = Buffer.alloc(4)
  score.writeFloatLE(-1.5)
  return field(1, Buffer.concat([field(1, Buffer.from(text)), Buffer.from([2 * 8 + 5]), score, Buffer.from([3 * 8, type])]))
}
const pieces = [piece('<unk>', 2), piece('<s>', 3), piece('▁a', 1), piece('a', 1), piece('b', 1), piece('ab', 1), piece('<0x41>', 6)]
const trainer = (kind: number): Buffer => field(2, Buffer.from([3 * 8, kind, ...Buffer.from([40 * 8 - 256 + 0x80, 0x02, 0])]))

export default {
  seeds: [
    tekken({ pattern: '\\w+|\\s+', default_vocab_size: 7, default_num_special_tokens: 3 }, ['a', 'b', 'ab', ' ']),
    tekken({ pattern: '.', default_vocab_size: 24, default_num_special_tokens: 20 }, ['a', 'b', 'ab', ' ']),
    // Former bugs: a table for more special tokens than memory holds, and fewer than no other tokens.
    tekken({ pattern: '.', default_vocab_size: 4_000_000_000, default_num_special_tokens: 4_000_000_000 }, ['a']),
    tekken({ pattern: '.', default_vocab_size: 1, default_num_special_tokens: 9_007_199_254_740_991 }, ['a']),
    input(1, ['a', 'b', 'ab', '__proto__'].map((token, rank) => `${base64(token)} ${rank}`).join('\n')),
    input(2, Buffer.concat([...pieces, trainer(1)])),
    input(2, Buffer.concat([...pieces, trainer(2)])),
  ],
  words: [
    '"default_num_special_tokens":',
    '"rank":4294967295',
    '"token_bytes":""',
    '9007199254740991',
    '"pattern":"(a+)+$"',
    '__proto__',
    '\u0000',
  ],
  async run(bytes) {
    const kind = (bytes[0] ?? 0) % FILES.length
    const folder = folders[kind] as string
    writeFileSync(join(folder, FILES[kind] as string), bytes.subarray(1))
    try {
      const { facts, answer } = await loadTokenizer(folder)
      const { tokenIds } = answer({ type: 'encode', text: 'ab a<s>b 12 é\n', addSpecialTokens: true, suffix: null })
      if (facts.table && facts.table.offsets.length > 1 << 24) throw new Error('an unbounded table')
      if (tokenIds.some((id) => id >= facts.vocabSize)) throw new Error('a token id beyond the vocabulary')
    } catch (error) {
      if (!(error instanceof AppError)) throw error
    }
  },
} satisfies FuzzTarget
