import { AppError, errorMessage } from '../../shared/app-error.ts'
import { isEncoderConfig } from '../../shared/models/encoder-config.ts'
import {
  chatMlTemplate,
  type ChatTemplateInput,
  type ChatTemplates,
  compileChatTemplate,
  type RenderChat,
} from './template/chat-template.ts'
import { fillInMiddle } from './template/fill-in-middle.ts'
import { framingTexts, markSpecialTokens } from './mark-special-tokens.ts'
import {
  eosTokenIdsOf,
  type JsonFileObject,
  readTokenizerFolder,
  specialTokensByName,
  specialTokenText,
  type TokenizerFolder,
} from './read-tokenizer-files.ts'
import { textBefore } from './embedding-task.ts'
import { readPooling } from './read-pooling.ts'
import { readSampling } from './template/read-sampling.ts'
import { requestedTemplates } from './template/requested-templates.ts'
import { createSentencePieceEncoder } from './sentencepiece-encoder.ts'
import type { SentencePieceModel } from './formats/sentencepiece/sentencepiece-model.ts'
import { SENTENCE_PIECE } from './formats/sentencepiece/sentencepiece-tokenizer.ts'
import { cutText, encodeClassifierPair, encodeJudgedPair } from './text-pair.ts'
import { type AddedToken, createTextEncoder, type TextEncoder } from './text-encoder.ts'
import { refuseTooLong } from './refuse-too-long.ts'
import { makeTokenTable, stripsLeadingSpace, type TokenTable } from './token-table.ts'
import { checkTokenizerShape } from './tokenizer-shape.ts'
import type { TokenizerAnswer, TokenizerCommand, TokenizerFacts } from './tokenizer-message.ts'

/** A model's tokenizer and chat template, in the thread that runs them. */
export interface LoadedTokenizer {
  readonly facts: TokenizerFacts
  /** @throws AppError `invalid-request` */
  answer(command: TokenizerCommand): TokenizerAnswer
}

/** @throws AppError `model-damaged` | `model-unsupported` */
export async function loadTokenizer(modelDir: string): Promise<LoadedTokenizer> {
  const folder = await readTokenizerFolder(modelDir)
  const { tokenizer } = folder
  if (!tokenizer) return withoutTokenizer(folder)
  checkTokenizerShape(tokenizer)
  const { facts, answer } = refusing(() => withTokenizer(folder, tokenizer))
  return { facts, answer: (command) => refusing(() => answer(command)) }
}

/** The library throws its own errors in many places when a file is not as it expects. */
function refusing<Result>(work: () => Result): Result {
  try {
    return work()
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    throw new AppError('model-unsupported', `The model's tokenizer.json cannot be used: ${errorMessage(cause)}`, {}, cause)
  }
}

function declaredVocabSize(config: JsonFileObject): number {
  const size = config['vocab_size'] ?? (config['text_config'] as JsonFileObject | null | undefined)?.['vocab_size']
  return typeof size === 'number' ? size : 0
}

function withoutTokenizer(folder: TokenizerFolder): LoadedTokenizer {
  return {
    facts: {
      table: null,
      stripsLeadingSpace: false,
      eosTokenIds: eosTokenIdsOf(folder, () => undefined),
      bosTokenId: null,
      vocabSize: declaredVocabSize(folder.config),
      longestTokenBytes: 1,
      sampling: readSampling(folder.generationConfig),
      pooling: readPooling(folder.poolingConfig),
    },
    answer: () => {
      throw new AppError('invalid-request', 'This model has no tokenizer.json. Send the prompt as token ids to /v1/completions.')
    },
  }
}

function withTokenizer(folder: TokenizerFolder, tokenizerJson: JsonFileObject): LoadedTokenizer {
  const table = makeTokenTable(tableSource(tokenizerJson))
  const sentencePiece = tokenizerJson[SENTENCE_PIECE] as SentencePieceModel | undefined
  const encoder = sentencePiece
    ? createSentencePieceEncoder(sentencePiece, sentencePieceOptions(tokenizerJson, folder.tokenizerConfig))
    : createTextEncoder(tokenizerJson, folder.tokenizerConfig)
  // A normalizer may shorten a text: composed accents have a third of the bytes.
  const longestTokenBytes = longestOf(table) * ((tokenizerJson['normalizer'] ?? null) === null ? 1 : 4)
  const controlTexts = framingTexts(encoder.addedTokens)
  const bos = specialTokenText(folder.tokenizerConfig, 'bos_token')
  let render: RenderChat | null = null
  const specialTokens = specialTokensByName(folder.tokenizerConfig)
  const requested = requestedTemplates(specialTokens)
  const renderChat: RenderChat = (chat) => {
    if (chat.template !== undefined) return requested(chat.template)(chat)
    render ??= compileChatTemplate(templatesOf(folder, encoder), specialTokens)
    return render(chat)
  }
  const encodeChat = (
    chat: ChatTemplateInput,
    contextTokens: number | null,
  ): Omit<TokenizerAnswer, 'tokenIds'> & { tokenIds: number[] } => {
    const { chat: markedChat, mark } = markSpecialTokens(chat, controlTexts)
    const { text: marked, callForm } = renderChat(markedChat)
    const text = mark === null ? marked : marked.replaceAll(mark, '')
    if (contextTokens !== null) refuseTooLong(text, longestTokenBytes, contextTokens)
    // The template has already written BOS.
    return { text, callForm, tokenIds: mark === null ? encoder.encode(text, false) : encoder.encodeMarked(marked, mark) }
  }
  const bosTokenId = (bos === null ? undefined : encoder.idOf(bos)) ?? null
  const isEncoder = isEncoderConfig(folder.config)
  const encodeText = ({ text, suffix, addSpecialTokens, task, mostTokens }: Extract<TokenizerCommand, { type: 'encode' }>): number[] => {
    if (suffix !== null) return fillInMiddle({ prefix: text, suffix }, encoder, bosTokenId)
    const before = task === undefined ? '' : textBefore(task, folder.sentenceConfig, isEncoder)
    const ids = encoder.encode(before + text, addSpecialTokens)
    return mostTokens === undefined ? ids : cutText(ids, encoder.encode('', addSpecialTokens), mostTokens)
  }
  const encodePair = isEncoder ? encodeClassifierPair : encodeJudgedPair
  return {
    facts: {
      table,
      stripsLeadingSpace: stripsLeadingSpace(tokenizerJson['decoder']),
      eosTokenIds: eosTokenIdsOf(folder, encoder.idOf),
      bosTokenId,
      vocabSize: Math.max(declaredVocabSize(folder.config), table.special.length),
      longestTokenBytes,
      sampling: readSampling(folder.generationConfig),
      pooling: readPooling(folder.poolingConfig),
    },
    answer: (command) => {
      if (command.type === 'render-chat') return { ...renderChat(command.chat), tokenIds: new Uint32Array() }
      const answer =
        command.type === 'encode'
          ? { text: command.text, tokenIds: encodeText(command) }
          : command.type === 'encode-pair'
            ? encodePair(command, encoder, command.contextTokens)
            : encodeChat(command.chat, command.contextTokens)
      return { ...answer, tokenIds: Uint32Array.from(answer.tokenIds) }
    },
  }
}

/** The settings next to a tokenizer.model, with the defaults of `transformers`. */
function sentencePieceOptions(tokenizerJson: JsonFileObject, tokenizerConfig: JsonFileObject) {
  const addedTokens = (tokenizerJson['added_tokens'] ?? []) as readonly AddedToken[]
  const bos = specialTokenText(tokenizerConfig, 'bos_token') ?? '<s>'
  const addsBos = (tokenizerConfig['add_bos_token'] ?? true) === true
  const bosId = addedTokens.find(({ content }) => content === bos)?.id
  return { addedTokens, bosId: addsBos ? (bosId ?? null) : null, prefixesFirstOnly: tokenizerConfig['legacy'] === false }
}

function longestOf({ offsets }: TokenTable): number {
  let longest = 1
  for (let id = 0; id + 1 < offsets.length; id++) longest = Math.max(longest, offsets[id + 1]! - offsets[id]!)
  return longest
}

/** Tokens and ids of BPE and WordPiece (a map) or of Unigram (a list of pairs). */
function tableSource(tokenizerJson: JsonFileObject): Parameters<typeof makeTokenTable>[0] {
  const model = tokenizerJson['model'] as { vocab?: unknown } | undefined
  if (typeof model?.vocab !== 'object' || model.vocab === null)
    throw new AppError('model-damaged', 'The tokenizer.json of the model has no vocabulary.')
  const vocab = Array.isArray(model.vocab)
    ? model.vocab.map((entry: [string, number], id): [string, number] => [entry[0], id])
    : Object.entries(model.vocab as Record<string, number>)
  return {
    vocab,
    addedTokens: (tokenizerJson['added_tokens'] ?? []) as { id: number; content: string; special: boolean }[],
    decoder: tokenizerJson['decoder'],
  }
}

function templatesOf(folder: TokenizerFolder, encoder: TextEncoder): ChatTemplates {
  if (folder.chatTemplates !== null) return folder.chatTemplates
  if (encoder.idOf('<|im_start|>') !== undefined && encoder.idOf('<|im_end|>') !== undefined)
    return { plain: chatMlTemplate, toolUse: null }
  throw new AppError(
    'invalid-request',
    'This model has no chat template: send a text prompt to /v1/completions, or put a chat_template.jinja into its folder.',
  )
}
