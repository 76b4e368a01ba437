import type { CallFormName } from '../domain/generation/calls/call-forms.ts'
import type { GenerationPart, GenerationSpec, Pooling } from '../shared/inference/generation.ts'
import type { TokenVocabulary } from '../shared/inference/grammar.ts'
import type { InstanceId, ModelId } from '../shared/ids.ts'
import type { ModelCard } from '../shared/models/model-card.ts'
import type { ModelManner } from '../domain/generation/choose-sampling.ts'
import type { SamplingSettings } from '../shared/inference/sampling.ts'
import type { AnswerStart, ChatMessage, EmbeddingTask, Prompt, ToolDefinition } from '../shared/inference/inference.ts'

/** Finds models by the names that clients use. */
export interface ModelLookup {
  /** @throws AppError `model-not-found` */
  resolve(name: string, signal: AbortSignal): Promise<FoundModel>
}

export type FoundModel = { readonly modelId: ModelId } & Partial<Pick<ModelCard, 'purpose' | 'isEncoder'>>

export interface EncodedPrompt {
  readonly text: string
  readonly tokenIds: readonly number[]
  /** Of a chat: how the model writes calls; absent: as Hermes models do. */
  readonly callForm?: CallFormName
  /** Of a pair: how many of the last tokens are the document's. */
  readonly secondTokens?: number
  /** Of a pair: the tokens whose logits are its scores; absent: the model has a classifier. */
  readonly scoredTokenIds?: readonly number[]
}

/** The tokenizer of one model. */
export interface TokenizerPort {
  /**
   * Adds the model's beginning-of-text token if its tokenizer does so, unless disabled.
   *
   * @param options.suffix - the text after the answer
   * @throws AppError `context-exceeded` for a text that certainly has more tokens than `contextTokens`;
   *   `invalid-request` if the model does not support a suffix
   */
  encode(
    text: string,
    signal: AbortSignal,
    options?: {
      readonly contextTokens?: number
      readonly addSpecialTokens?: boolean
      readonly suffix?: string
      readonly task?: EmbeddingTask | undefined
      /** Cuts off the end of a longer text, but not the tokens that close it. */
      readonly mostTokens?: number
    },
  ): Promise<readonly number[]>
  /**
   * A query and a document for a reranker. The end of a document that does not fit is cut off.
   *
   * @throws AppError `context-exceeded` if the query alone is too long; `invalid-request` if the model is not a reranker
   */
  encodePair?(pair: PairPrompt, contextTokens: number, signal: AbortSignal): Promise<EncodedPrompt>
  /** @throws AppError `invalid-request` if the template refuses the messages */
  encodeChat(
    prompt: {
      readonly messages: readonly ChatMessage[]
      readonly tools: readonly ToolDefinition[]
      readonly templateVariables: Readonly<Record<string, unknown>>
      readonly answerStart?: AnswerStart | undefined
      readonly template?: string | undefined
    },
    signal: AbortSignal,
    options?: { readonly contextTokens?: number },
  ): Promise<EncodedPrompt>
  /** The text of the ids, including special tokens. */
  decode(tokenIds: readonly number[]): string
  /** The token's own bytes, which need not be complete UTF-8 characters. Empty for an id that the vocabulary lacks. */
  tokenBytes(tokenId: number): Uint8Array
  /** Special tokens are not part of the text that a client sees. */
  isSpecial(tokenId: number): boolean
  /** The decoder drops one space at the very start of a text (SentencePiece). */
  readonly stripsLeadingSpace: boolean
  /** Whether the text is one token. */
  hasToken?(text: string): boolean
  /** The bytes of all tokens, for grammars; null: the vocabulary is unknown. */
  vocabulary?(): TokenVocabulary | null
  readonly eosTokenIds: readonly number[]
  /** The settings of generation_config.json. */
  readonly sampling?: SamplingSettings
  /** The pooling given by the model's folder, for embeddings; null: none is given. */
  readonly pooling?: Pooling | null
  /** Ids at or above this are refused. */
  readonly vocabSize: number
}

/** A loaded model that accepts generations. It may fail at any time: call `ensure` again then. */
export interface InstanceHandle {
  readonly instanceId: string
  readonly modelId: ModelId
  readonly contextTokens: number
  /** Whether `ensure` restores a failed instance automatically, so that a stream can continue after a failure. */
  readonly isRecoverable: boolean
  readonly tokenizer: TokenizerPort
  /** The model's sampling defaults. */
  readonly manner?: ModelManner
  /** The user's settings of the model, for requests that do not set their own. */
  readonly defaults?: { readonly system: string | null; readonly maxTokens: number | null }
  /** The draft model that was placed with it; null: none. */
  readonly draftModelId: ModelId | null
  /** Starts at once. Ends with `generation-end`, also after an abort; failures are thrown as AppError. */
  generate(generation: GenerationSpec, signal: AbortSignal): AsyncIterable<GenerationPart>
}

export type PairPrompt = Extract<Prompt, { kind: 'pair' }>

export interface InstancesPort {
  /**
   * Returns the model's instance, loading it if needed. Concurrent calls for one model share one load.
   *
   * @param preferred - the instance to return if there are several, as long as it exists
   * @param contextTokens - context size for the load, if there is no instance
   */
  ensure(modelId: ModelId, signal: AbortSignal, preferred?: InstanceId, contextTokens?: number): Promise<InstanceHandle>
  /**
   * What is known of the model's instance before it is loaded. Null: it is ready, or the model's files are not here.
   *
   * @param contextTokens - as for `ensure`
   */
  foresee(modelId: ModelId, signal: AbortSignal, contextTokens?: number): Promise<ForeseenInstance | null>
}

/** Its context is the longest that the instance may have. */
export type ForeseenInstance = Pick<InstanceHandle, 'tokenizer' | 'contextTokens' | 'defaults'>

export interface DraftsPort {
  /**
   * @throws AppError `draft-unsupported` if the draft has another vocabulary than the model, and the error of a model
   *   that is not available
   */
  check(modelId: ModelId, draftModelId: ModelId, signal: AbortSignal): Promise<void>
}
