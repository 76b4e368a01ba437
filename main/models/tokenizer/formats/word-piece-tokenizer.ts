type Settings = Readonly<Record<string, unknown>>

/** The defaults of `transformers` for BERT. */
const SPECIAL = { unk_token: '[UNK]', sep_token: '[SEP]', pad_token: '[PAD]', cls_token: '[CLS]', mask_token: '[MASK]' } as const

/**
 * The tokenizer.json of a folder that has BERT's vocab.txt in its place.
 *
 * @param text - one token per line; its id is the number of the line
 */
export function wordPieceTokenizer(text: string, tokenizerConfig: Settings): Settings {
  const lines = text.replace(/\r?\n$/, '').split(/\r?\n/)
  const vocab = Object.fromEntries(lines.map((token, id) => [token, id]))
  const nameOf = (key: keyof typeof SPECIAL): string => {
    const stated = tokenizerConfig[key]
    const name = typeof stated === 'object' && stated !== null ? (stated as { content?: unknown }).content : stated
    return typeof name === 'string' ? name : SPECIAL[key]
  }
  const [cls, sep] = [nameOf('cls_token'), nameOf('sep_token')]
  const special = (Object.keys(SPECIAL) as (keyof typeof SPECIAL)[]).map(nameOf).filter((token) => Object.hasOwn(vocab, token))
  const token = (id: string, type: number): unknown => ({ SpecialToken: { id, type_id: type } })
  const sequence = (id: string, type: number): unknown => ({ Sequence: { id, type_id: type } })
  return {
    added_tokens: special.map((content) => ({
      id: vocab[content],
      content,
      special: true,
      lstrip: false,
      rstrip: false,
      normalized: false,
    })),
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: tokenizerConfig['tokenize_chinese_chars'] ?? true,
      strip_accents: tokenizerConfig['strip_accents'] ?? null,
      lowercase: tokenizerConfig['do_lower_case'] ?? true,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [token(cls, 0), sequence('A', 0), token(sep, 0)],
      pair: [token(cls, 0), sequence('A', 0), token(sep, 0), sequence('B', 1), token(sep, 1)],
      special_tokens: Object.fromEntries([cls, sep].map((id) => [id, { id, ids: [vocab[id]], tokens: [id] }])),
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: nameOf('unk_token'),
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab,
    },
  }
}
