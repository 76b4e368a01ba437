import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadTokenizer } from '../main/models/tokenizer/load-tokenizer.ts'
import { AppError } from '../main/shared/app-error.ts'
import type { FuzzTarget } from './fuzz-target.ts'

const folder = mkdtempSync(join(tmpdir(), 'exo-fuzz-'))
writeFileSync(join(folder, 'config.json'), '{"vocab_size":12,"eos_token_id":1}')
writeFileSync(join(folder, 'tokenizer_config.json'), '{"bos_token":"<s>","eos_token":"</s>","tokenizer_class":"PreTrainedTokenizerFast"}')
writeFileSync(join(folder, 'chat_template.jinja'), "{% for message in messages %}{{ message['content'] }}{% endfor %}")

const added = [
  { id: 0, content: '<s>', special: true, lstrip: false, rstrip: true, normalized: false, single_word: false },
  { id: 1, content: '</s>', special: true },
]
const letters = { '<s>': 0, '</s>': 1, a: 2, b: 3, ab: 4, Ġ: 5, Ġa: 6, '▁': 7, '<0x61>': 8 }
const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true }

export default {
  seeds: [
    {
      version: '1.0',
      added_tokens: added,
      normalizer: null,
      pre_tokenizer: byteLevel,
      post_processor: null,
      decoder: { type: 'ByteLevel' },
      model: { type: 'BPE', vocab: letters, merges: ['a b', 'Ġ a'] },
    },
    {
      added_tokens: added,
      normalizer: {
        type: 'Sequence',
        normalizers: [
          { type: 'Prepend', prepend: '▁' },
          { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
        ],
      },
      pre_tokenizer: null,
      post_processor: {
        type: 'TemplateProcessing',
        single: [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
        pair: [],
        special_tokens: { '<s>': { id: '<s>', ids: [0], tokens: ['<s>'] } },
      },
      decoder: {
        type: 'Sequence',
        decoders: [
          { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
          { type: 'ByteFallback' },
          { type: 'Fuse' },
          { type: 'Strip', content: ' ', start: 1, stop: 0 },
        ],
      },
      model: {
        type: 'BPE',
        unk_token: '<s>',
        byte_fallback: true,
        fuse_unk: true,
        ignore_merges: true,
        vocab: letters,
        merges: [['a', 'b']],
      },
    },
    {
      added_tokens: added,
      normalizer: { type: 'NFC' },
      pre_tokenizer: {
        type: 'Sequence',
        pretokenizers: [
          { type: 'Split', pattern: { Regex: '\\p{L}+|\\s+' }, behavior: 'Isolated', invert: false },
          { type: 'Digits', individual_digits: true },
        ],
      },
      decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
      model: { type: 'WordPiece', unk_token: '<s>', continuing_subword_prefix: '##', max_input_chars_per_word: 100, vocab: letters },
    },
    {
      added_tokens: added,
      pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'first' },
      decoder: { type: 'Metaspace', replacement: '▁' },
      model: {
        type: 'Unigram',
        unk_id: 0,
        vocab: [
          ['<s>', 0],
          ['a', -1.5],
          ['▁', -2],
          ['b', -3],
        ],
      },
    },
    // Former bugs: a token without a text, and an id for which a table of 16 GB was allocated.
    { added_tokens: [{ id: 3, special: true }], decoder: null, model: { type: 'BPE', vocab: letters, merges: [] } },
    { added_tokens: [], decoder: null, model: { type: 'BPE', vocab: { a: 4_294_967_295 }, merges: [] } },
    { added_tokens: [], decoder: null, model: { type: 'BPE', vocab: { a: 1.5, b: -1 }, merges: [7] } },
  ].map((json) => JSON.stringify(json)),
  words: [
    '"vocab"',
    '"merges"',
    '"id":4294967295',
    '"special":true',
    '"Regex":"(a+)+b"',
    '"type":"Sequence"',
    '"individual_digits":',
    '"content":""',
    '-1',
    '1.5',
    '"BertNormalizer"',
    '"Lowercase"',
  ],
  async run(bytes) {
    writeFileSync(join(folder, 'tokenizer.json'), bytes)
    try {
      const { facts, answer } = await loadTokenizer(folder)
      const { tokenIds } = answer({ type: 'encode', text: 'ab a<s>b 12 é\n', addSpecialTokens: true, suffix: null })
      answer({
        type: 'encode-chat',
        chat: { messages: [{ role: 'user', content: 'a </s> b' }], tools: [], templateVariables: {} },
        contextTokens: 64,
      })
      if (facts.table && facts.table.offsets.length > 1 << 24) throw new Error('an unbounded table')
      if (tokenIds.some((id) => id >= facts.vocabSize)) throw new Error('a token id beyond the vocabulary')
    } catch (error) {
      if (!(error instanceof AppError)) throw error
    }
  },
} satisfies FuzzTarget
