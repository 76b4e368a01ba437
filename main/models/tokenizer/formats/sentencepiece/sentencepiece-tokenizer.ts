import { z } from 'zod'
import { readSentencePieceModel, type SentencePieceModel } from './sentencepiece-model.ts'

const StatedTokens = z
  .record(z.string().regex(/^\d+$/), z.looseObject({ content: z.string(), special: z.boolean().default(true) }))
  .catch({})

interface NamedToken {
  readonly id: number
  readonly content: string
  readonly special: boolean
}

/** The entry of our tokenizer.json that holds the model of a `tokenizer.model`. */
export const SENTENCE_PIECE = 'sentencepiece'

/**
 * Converts a `tokenizer.model` to tokenizer.json for the vocabulary and the decoding. Encoding uses the SentencePiece
 * model itself.
 *
 * @throws AppError `model-damaged` | `model-unsupported`
 */
export function sentencePieceTokenizer(file: Uint8Array, tokenizerConfig: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const model = readSentencePieceModel(file)
  return {
    version: '1.0',
    added_tokens: addedTokensOf(model, tokenizerConfig),
    normalizer: { type: 'SentencePiece' },
    pre_tokenizer: null,
    post_processor: null,
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
        ...(model.addsPrefix && !model.isSpaceSuffix ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : []),
      ],
    },
    model: { type: 'SentencePiece', vocab: model.pieces.map(({ text, score }) => [text, score]) },
    [SENTENCE_PIECE]: model,
  }
}

/** Control tokens, and further ones listed in the settings. */
function addedTokensOf(model: SentencePieceModel, tokenizerConfig: Readonly<Record<string, unknown>>): NamedToken[] {
  const named = StatedTokens.parse(tokenizerConfig['added_tokens_decoder'] ?? {})
  const byId = new Map<number, NamedToken>()
  model.pieces.forEach(({ text, type }, id) => {
    if (type === 'control' || type === 'unknown') byId.set(id, { id, content: text, special: true })
  })
  for (const [id, { content, special }] of Object.entries(named)) byId.set(Number(id), { id: Number(id), content, special })
  return [...byId.values()].sort((a, b) => a.id - b.id)
}
