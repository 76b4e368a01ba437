import type { CallFormName } from '../../domain/generation/calls/call-forms.ts'
import { detokenize, type TokenTexts } from '../../domain/generation/text/stream-detokenizer.ts'
import { type Clock, systemClock } from '../../platform/clock.ts'
import { AppError } from '../../shared/app-error.ts'
import type { Pooling } from '../../shared/inference/generation.ts'
import type { TokenVocabulary } from '../../shared/inference/grammar.ts'
import type { EmbeddingTask, Prompt } from '../../shared/inference/inference.ts'
import type { SamplingSettings } from '../../shared/inference/sampling.ts'
import { formatBytes } from '../../shared/formats/byte-size.ts'
import type { ChatTemplateInput } from './template/chat-template.ts'
import { grammarVocabulary } from './grammar-vocabulary.ts'
import { emptyTokenTable, hasTokenOf, tokenBytesOf } from './token-table.ts'
import { createTokenizerThreads } from './tokenizer-threads.ts'
import type { EncodedPair } from './text-pair.ts'
import { refuseTooLong } from './refuse-too-long.ts'

type PairPrompt = Extract<Prompt, { kind: 'pair' }>

export interface OpenTokenizerOptions {
  /** The entry `tokenizer-thread`, bundled or from source. */
  readonly threadEntry: string | URL
  /** Longest text or chat, in bytes of UTF-8. */
  readonly maxInputBytes?: number
  /** Limit for one text. */
  readonly timeoutMs?: number
  readonly clock?: Pick<Clock, 'sleep'>
}

/** A model's tokenizer and chat template. Encoding runs in a separate thread; the vocabulary is held here as a table of bytes. */
export interface ModelTokenizer extends TokenTexts {
  /**
   * Adds the beginning-of-text token if the tokenizer does so, unless told not to.
   *
   * @param options.contextTokens - a text that certainly has more tokens is refused by its length
   * @param options.mostTokens - cuts off the end of a longer text, but not the tokens that close it
   * @param options.suffix - the text after the answer: the ids then ask for the text in between
   * @throws AppError `context-exceeded`; `invalid-request` if the model does not support a suffix
   */
  encode(
    text: string,
    signal: AbortSignal,
    options?: {
      readonly addSpecialTokens?: boolean
      readonly contextTokens?: number
      readonly suffix?: string
      readonly task?: EmbeddingTask | undefined
      readonly mostTokens?: number
    },
  ): Promise<number[]>
  /**
   * A query and a document for a reranker. The end of a document that does not fit is cut off.
   *
   * @throws AppError `context-exceeded` if the query alone is too long; `model-purpose`
   */
  encodePair(pair: PairPrompt, contextTokens: number, signal: AbortSignal): Promise<EncodedPair>
  /** Renders the chat with the model's template. @throws AppError `invalid-request` if the template refuses it */
  renderChat(chat: ChatTemplateInput, signal: AbortSignal): Promise<string>
  /** Renders and encodes the chat. Text in messages that looks like a special token stays text. */
  encodeChat(
    chat: ChatTemplateInput,
    signal: AbortSignal,
    options?: { readonly contextTokens?: number },
  ): Promise<{ readonly text: string; readonly tokenIds: readonly number[]; readonly callForm?: CallFormName }>
  /** Whether the text is one token. */
  hasToken(text: string): boolean
  /** The bytes of all tokens, for grammars; null: the vocabulary is unknown. */
  vocabulary(): TokenVocabulary | null
  /** The text of the ids, including special tokens. */
  decode(tokenIds: readonly number[]): string
  /** Generation ends with any of these. */
  readonly eosTokenIds: readonly number[]
  readonly bosTokenId: number | null
  /** Ids at or above this are refused. */
  readonly vocabSize: number
  /** The settings of generation_config.json. */
  readonly sampling: SamplingSettings
  /** The pooling given by the model's folder, for embeddings; null: none is given. */
  readonly pooling: Pooling | null
  close(): Promise<void>
}

const DEFAULT_MAX_INPUT_BYTES = 4 << 20
const DEFAULT_TIMEOUT_MS = 60_000
const MAX_WAITING = 256

/**
 * Opens the tokenizer of a model folder. A folder without one gives a tokenizer that refuses text, because the model
 * still accepts token ids.
 *
 * @throws AppError `model-damaged` | `model-unsupported` | `timeout`
 */
export async function openTokenizer(
  modelDir: string,
  options: OpenTokenizerOptions,
  signal: AbortSignal = new AbortController().signal,
): Promise<ModelTokenizer> {
  const { threadEntry, maxInputBytes = DEFAULT_MAX_INPUT_BYTES, timeoutMs = DEFAULT_TIMEOUT_MS, clock = systemClock } = options
  const thread = createTokenizerThreads({ modelDir, threadEntry, clock, timeoutMs, maxWaiting: MAX_WAITING })
  const facts = await thread.start(signal).catch(async (error: unknown) => {
    await thread.close()
    throw error
  })
  // Without a vocabulary every command fails in the same way, so no thread is needed.
  if (!facts.table) await thread.close()
  const refuseText = (): never => {
    throw new AppError('invalid-request', 'This model has no tokenizer.json: send the prompt as token ids to /v1/completions.')
  }
  const checkSize = (bytes: number): void => {
    if (bytes > maxInputBytes)
      throw new AppError('context-exceeded', `The prompt has ${formatBytes(bytes)}; the limit is ${formatBytes(maxInputBytes)}.`, {
        inputBytes: bytes,
        maxInputBytes,
      })
  }
  const request = async (command: Parameters<typeof thread.request>[0], inputBytes: number, requestSignal: AbortSignal) => {
    if (!facts.table) refuseText()
    checkSize(inputBytes)
    return thread.request(command, inputBytes, requestSignal)
  }
  const table = facts.table ?? emptyTokenTable
  const texts: TokenTexts = {
    tokenBytes: (tokenId) => tokenBytesOf(table, tokenId),
    isSpecial: (tokenId) => table.special[tokenId] === 1,
    stripsLeadingSpace: facts.stripsLeadingSpace,
  }
  const chatBytes = (chat: ChatTemplateInput): number => Buffer.byteLength(JSON.stringify(chat))
  return {
    ...texts,
    encode: async (text, requestSignal, { addSpecialTokens = true, contextTokens, suffix = null, task, mostTokens } = {}) => {
      if (contextTokens !== undefined) refuseTooLong(text + (suffix ?? ''), facts.longestTokenBytes, contextTokens)
      return Array.from(
        (
          await request(
            { type: 'encode', text, addSpecialTokens, suffix, task, mostTokens },
            Buffer.byteLength(text) + Buffer.byteLength(suffix ?? ''),
            requestSignal,
          )
        ).tokenIds,
      )
    },
    encodePair: async ({ query, document, instruction = null, documentTokens = null }, contextTokens, requestSignal) => {
      refuseTooLong(query, facts.longestTokenBytes, contextTokens)
      const bytes = Buffer.byteLength(query) + Buffer.byteLength(document)
      const answer = await request(
        { type: 'encode-pair', query, document, instruction, documentTokens, contextTokens },
        bytes,
        requestSignal,
      )
      return { ...answer, tokenIds: Array.from(answer.tokenIds) }
    },
    renderChat: async (chat, requestSignal) => (await request({ type: 'render-chat', chat }, chatBytes(chat), requestSignal)).text,
    encodeChat: async (chat, requestSignal, { contextTokens = null } = {}) => {
      const answer = await request({ type: 'encode-chat', chat, contextTokens }, chatBytes(chat), requestSignal)
      return { ...answer, tokenIds: Array.from(answer.tokenIds) }
    },
    hasToken: (text) => hasTokenOf(table, text),
    vocabulary: () => (facts.table ? grammarVocabulary(facts.table) : null),
    decode: (tokenIds) => detokenize(texts, tokenIds, { specialTokens: 'show' }),
    eosTokenIds: facts.eosTokenIds,
    bosTokenId: facts.bosTokenId,
    vocabSize: facts.vocabSize,
    sampling: facts.sampling,
    pooling: facts.pooling,
    close: () => thread.close(),
  }
}
