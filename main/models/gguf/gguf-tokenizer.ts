import { AppError } from '../../shared/app-error.ts'
import type { GgufMetadata } from './gguf-metadata.ts'
import { preTokenizationOf } from './pre-tokenizers.ts'
import { sentencePieceModel } from './sentencepiece-model.ts'

/** The tokenizer files of a model folder, as JSON values. */
export interface TokenizerFiles {
  readonly tokenizer: object
  readonly tokenizerConfig: object
  readonly bosTokenId: number | null
  readonly eosTokenIds: readonly number[]
  readonly padTokenId: number | null
}

/** Values of `tokenizer.ggml.token_type`. */
const UNKNOWN = 2
const CONTROL = 3
const USER_DEFINED = 4
const UNUSED = 5

/** Tokens that end a turn, in chat models whose GGUF names only the end of the text. */
const endOfTurnTexts = new Set(['<|eot_id|>', '<|im_end|>', '<|end|>', '<|eom_id|>'])

function addedToken(id: number, content: string, special: boolean): object {
  return { id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special }
}

/** The model, normalizer, pre-tokenizer and decoder of tokenizer.json. */
interface TokenizerParts {
  readonly model: object
  readonly normalizer: object | null
  readonly preTokenizer: object | null
  readonly decoder: object
  readonly addsBos: boolean
}

function byteLevelParts(metadata: GgufMetadata, vocab: Record<string, number>): TokenizerParts {
  const { normalizer, preTokenizer, ignoreMerges, addsBos } = preTokenizationOf(metadata.text('tokenizer.ggml.pre') ?? 'default')
  const merges = metadata.texts('tokenizer.ggml.merges') ?? []
  const wrong = merges.find((merge) => !/^[^ ]+ [^ ]+$/.test(merge))
  if (wrong !== undefined) throw new AppError('model-damaged', 'The GGUF file has a merge that is not a pair of tokens.', { merge: wrong })
  return {
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: ignoreMerges,
      vocab,
      merges,
    },
    normalizer,
    preTokenizer,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    addsBos,
  }
}

/**
 * Creates the tokenizer files of a model folder from the metadata.
 *
 * @throws AppError `model-unsupported` for an unknown tokenizer or pre-tokenizer, `model-damaged` if a part is missing
 */
export function ggufTokenizer(metadata: GgufMetadata, contextTokens: number): TokenizerFiles {
  const tokens = metadata.texts('tokenizer.ggml.tokens')
  if (!tokens) throw new AppError('model-damaged', 'The GGUF file has no vocabulary.')
  const types = metadata.numbers('tokenizer.ggml.token_type') ?? []
  // Not an object literal: a token may be named `__proto__`.
  const vocab = Object.create(null) as Record<string, number>
  tokens.forEach((token, id) => {
    if (types[id] !== UNUSED && vocab[token] === undefined) vocab[token] = id
  })
  const kind = metadata.requireText('tokenizer.ggml.model')
  if (kind !== 'gpt2' && kind !== 'llama' && kind !== 'gemma4')
    throw new AppError(
      'model-unsupported',
      `The tokenizer kind "${kind}" of the GGUF file is not supported; gpt2 (byte-level BPE) and llama (SentencePiece) are.`,
      { kind },
    )
  const parts = kind === 'gpt2' ? byteLevelParts(metadata, vocab) : sentencePieceModel(metadata, tokens, types, vocab)

  const idOf = (name: string): number | null => {
    const id = metadata.number(`tokenizer.ggml.${name}_token_id`)
    return id !== null && tokens[id] !== undefined ? id : null
  }
  const bos = idOf('bos')
  const eos = idOf('eos')
  const pad = idOf('padding')
  const unknown = idOf('unknown')
  const addsBos = bos !== null && (metadata.flag('tokenizer.ggml.add_bos_token') ?? parts.addsBos)
  const isSpecial = (id: number): boolean => types[id] === CONTROL || types[id] === UNKNOWN || id === bos || id === eos || id === pad
  const addedTokens = tokens.flatMap((content, id) =>
    vocab[content] === id && (isSpecial(id) || types[id] === USER_DEFINED) ? [addedToken(id, content, isSpecial(id))] : [],
  )
  const endsOfTurn = tokens.flatMap((content, id) => (types[id] === CONTROL && endOfTurnTexts.has(content) ? [id] : []))
  const chatTemplate = metadata.text('tokenizer.chat_template')
  const name = (id: number | null): string | null => (id === null ? null : tokens[id]!)
  return {
    tokenizer: {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: addedTokens,
      normalizer: parts.normalizer,
      pre_tokenizer: parts.preTokenizer,
      post_processor: addsBos ? bosFirst(tokens[bos]!, bos) : null,
      decoder: parts.decoder,
      model: parts.model,
    },
    tokenizerConfig: {
      tokenizer_class: 'PreTrainedTokenizerFast',
      add_bos_token: addsBos,
      bos_token: name(bos),
      eos_token: name(eos),
      pad_token: name(pad),
      unk_token: name(unknown),
      clean_up_tokenization_spaces: false,
      model_max_length: contextTokens,
      ...(chatTemplate === null ? {} : { chat_template: chatTemplate }),
    },
    bosTokenId: bos,
    eosTokenIds: [...new Set([...(eos === null ? [] : [eos]), ...[idOf('eot'), idOf('eom')].filter((id) => id !== null), ...endsOfTurn])],
    padTokenId: pad,
  }
}

function bosFirst(content: string, id: number): object {
  const bos = { SpecialToken: { id: content, type_id: 0 } }
  const text = { Sequence: { id: 'A', type_id: 0 } }
  const pairText = { Sequence: { id: 'B', type_id: 1 } }
  return {
    type: 'TemplateProcessing',
    single: [bos, text],
    pair: [bos, text, { SpecialToken: { id: content, type_id: 1 } }, pairText],
    special_tokens: { [content]: { id: content, ids: [id], tokens: [content] } },
  }
}
