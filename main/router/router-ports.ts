import type { GenerationPart, GenerationSpec } from '../shared/inference/generation.ts'
import type { InstanceId, ModelId } from '../shared/ids.ts'
import type { ModelManner } from '../domain/generation/choose-sampling.ts'
import type { SamplingSettings } from '../shared/inference/sampling.ts'
import type { AnswerStart, ChatMessage, ToolDefinition } from '../shared/inference/inference.ts'

/** Finds models by the names that clients give them. */
export interface ModelLookup {
  /** @throws AppError `model-not-found` */
  resolve(name: string, signal: AbortSignal): Promise<{ readonly modelId: ModelId }>
}

export interface EncodedPrompt {
  readonly text: string
  readonly tokenIds: readonly number[]
}

/** The tokenizer of one model. */
export interface TokenizerPort {
  /**
   * Adds the model's beginning-of-text token if its tokenizer does so, unless disabled.
   *
   * @param options.suffix - what follows the answer
   * @throws AppError `context-exceeded` for a text that surely has more tokens than `contextTokens`; `invalid-request` where the model
   *   knows no suffix
   */
  encode(
    text: string,
    signal: AbortSignal,
    options?: { readonly contextTokens?: number; readonly addSpecialTokens?: boolean; readonly suffix?: string },
  ): Promise<readonly number[]>
  /** @throws AppError `invalid-request` where the template refuses the messages */
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
  /** Text of given ids, special tokens included. */
  decode(tokenIds: readonly number[]): string
  /** The token's own bytes, which need not be whole UTF-8 characters. Empty for an id that the vocabulary lacks. */
  tokenBytes(tokenId: number): Uint8Array
  /** Special tokens are not part of the text that a client sees. */
  isSpecial(tokenId: number): boolean
  /** The decoder drops one space at the very start of a text (SentencePiece). */
  readonly stripsLeadingSpace: boolean
  readonly eosTokenIds: readonly number[]
  /** From generation_config.json. */
  readonly sampling?: SamplingSettings
  /** Ids at or beyond it are refused. */
  readonly vocabSize: number
}

/** A loaded model that takes generations. It may die at any time: ask `ensure` again then. */
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
  /** The draft that it was placed with; null: none. */
  readonly draftModelId: ModelId | null
  /** Starts at once. Ends with `generation-end`, also after an abort; failures are thrown as AppError. */
  generate(generation: GenerationSpec, signal: AbortSignal): AsyncIterable<GenerationPart>
}

export interface InstancesPort {
  /**
   * Returns the model's instance, loading it if needed. Concurrent calls for one model share one load.
   *
   * @param preferred - the one to give of several, as long as it is there
   * @param contextTokens - context size for the load, if there is no instance
   */
  ensure(modelId: ModelId, signal: AbortSignal, preferred?: InstanceId, contextTokens?: number): Promise<InstanceHandle>
}

export interface DraftsPort {
  /** @throws AppError `draft-unsupported` where the draft has another vocabulary than the model, and why a model cannot be had */
  check(modelId: ModelId, draftModelId: ModelId, signal: AbortSignal): Promise<void>
}
