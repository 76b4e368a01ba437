import { AppError } from '../../../shared/app-error.ts'

/** A byte-level vocabulary: the bytes of its tokens, lowest rank first. */
export interface RankedVocabulary {
  readonly tokens: readonly Uint8Array[]
  /** Id of the first token; the others follow. */
  readonly firstId: number
  /** How text is split before pairs are merged. */
  readonly pattern: string
  readonly addedTokens: readonly { readonly id: number; readonly content: string; readonly special: boolean }[]
}

/** Byte-level BPE writes each byte as a character: printable Latin-1 as itself, the other 68 from U+0100 on. */
const CHARACTERS: readonly string[] = (() => {
  const isPrintable = (byte: number): boolean => (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae
  let others = 256
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isPrintable(byte) ? byte : others++))
})()

/** Each token is tried at each of its cuts. The longest known tokens have some hundred bytes. */
const MOST_TOKEN_BYTES = 4096

/**
 * The tokenizer.json of a vocabulary that has ranks in place of merges: two neighbours merge if the result is a token,
 * lowest rank first. `merge_ranks` gives the rank of each merge, because several merges can produce the same token.
 *
 * @throws AppError `model-damaged` for a token that no vocabulary has
 */
export function rankedTokenizer({ tokens, firstId, pattern, addedTokens }: RankedVocabulary): Record<string, unknown> {
  if (tokens.some(({ length }) => length > MOST_TOKEN_BYTES))
    throw new AppError(
      'model-damaged',
      `The vocabulary of the model has a token of more than ${MOST_TOKEN_BYTES} bytes. Fetch the model again.`,
    )
  const texts = tokens.map((bytes) => Array.from(bytes, (byte) => CHARACTERS[byte] as string).join(''))
  // Not an object literal: a token may be named `__proto__`.
  const vocab = Object.create(null) as Record<string, number>
  texts.forEach((text, rank) => (vocab[text] = firstId + rank))
  const merges: [string, string][] = []
  const mergeRanks: number[] = []
  texts.forEach((text, rank) => {
    for (let cut = 1; cut < text.length; cut++) {
      const [left, right] = [text.slice(0, cut), text.slice(cut)]
      if (vocab[left] === undefined || vocab[right] === undefined) continue
      merges.push([left, right])
      mergeRanks.push(rank)
    }
  })
  const split = { type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false }
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false }
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: addedTokens.map((token) => ({ single_word: false, lstrip: false, rstrip: false, normalized: false, ...token })),
    normalizer: null,
    pre_tokenizer: { type: 'Sequence', pretokenizers: [split, byteLevel] },
    post_processor: null,
    decoder: { ...byteLevel, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: true,
      vocab,
      merges,
      merge_ranks: mergeRanks,
    },
  }
}
