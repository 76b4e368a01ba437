import { AppError } from '../../shared/app-error.ts'
import type { GgufMetadata } from './gguf-metadata.ts'

const BYTE = 6
const UNDERLINE = '▁'

/**
 * SentencePiece BPE in the form of tokenizer.json. Most files have scores instead of merges.
 *
 * @param tokens - shape [vocabSize]
 * @param types - shape [vocabSize]
 */
export function sentencePieceModel(
  metadata: GgufMetadata,
  tokens: readonly string[],
  types: readonly number[],
  vocab: Readonly<Record<string, number>>,
) {
  const merges = metadata.texts('tokenizer.ggml.merges') ?? mergesByScore(metadata, tokens, types, vocab)
  const addsPrefix = metadata.flag('tokenizer.ggml.add_space_prefix') ?? true
  const spaces = { type: 'Replace', pattern: { String: ' ' }, content: UNDERLINE }
  return {
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: tokens[metadata.number('tokenizer.ggml.unknown_token_id') ?? 0] ?? null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: true,
      byte_fallback: types.includes(BYTE),
      ignore_merges: false,
      vocab,
      merges,
    },
    normalizer: { type: 'Sequence', normalizers: [...(addsPrefix ? [{ type: 'Prepend', prepend: UNDERLINE }] : []), spaces] },
    preTokenizer: null,
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: UNDERLINE }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
        ...(addsPrefix ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : []),
      ],
    },
    addsBos: true,
  }
}

/** Two pieces merge if together they form a piece, highest score first. */
function mergesByScore(
  metadata: GgufMetadata,
  tokens: readonly string[],
  types: readonly number[],
  vocab: Readonly<Record<string, number>>,
): string[] {
  const scores = metadata.numbers('tokenizer.ggml.scores')
  if (scores?.length !== tokens.length) throw new AppError('model-damaged', 'The GGUF file has no score for each token of its vocabulary.')
  const merges: { left: string; right: string; score: number; leftId: number; rightId: number }[] = []
  tokens.forEach((token, id) => {
    if (types[id] !== 1 || vocab[token] !== id) return
    for (let cut = 1; cut < token.length; cut++) {
      const left = token.slice(0, cut)
      const right = token.slice(cut)
      const leftId = vocab[left]
      const rightId = vocab[right]
      if (leftId !== undefined && rightId !== undefined) merges.push({ left, right, score: scores[id]!, leftId, rightId })
    }
  })
  merges.sort((first, second) => second.score - first.score || first.leftId - second.leftId || first.rightId - second.rightId)
  return merges.map(({ left, right }) => `${left} ${right}`)
}
