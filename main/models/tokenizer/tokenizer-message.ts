import type { CallFormName } from '../../domain/generation/calls/call-forms.ts'
import type { ErrorCode } from '../../shared/error-codes.ts'
import type { Pooling } from '../../shared/inference/generation.ts'
import type { EmbeddingTask } from '../../shared/inference/inference.ts'
import type { SamplingSettings } from '../../shared/inference/sampling.ts'
import type { ChatTemplateInput } from './template/chat-template.ts'
import type { PairTexts } from './text-pair.ts'
import type { TokenTable } from './token-table.ts'

/** The facts that a tokenizer's thread reports once, when its model is ready. */
export interface TokenizerFacts {
  /** null: the folder has no tokenizer, and the model accepts token ids only. */
  readonly table: TokenTable | null
  readonly stripsLeadingSpace: boolean
  readonly eosTokenIds: readonly number[]
  readonly bosTokenId: number | null
  readonly vocabSize: number
  /** The most bytes of text that a single token can represent. */
  readonly longestTokenBytes: number
  readonly sampling: SamplingSettings
  readonly pooling: Pooling | null
}

export type TokenizerCommand =
  | {
      readonly type: 'encode'
      readonly text: string
      readonly addSpecialTokens: boolean /** null: nothing follows the answer. */
      readonly suffix: string | null
      readonly task?: EmbeddingTask | undefined
      /** Cuts off the end of a longer text, but not the tokens that close it. */
      readonly mostTokens?: number | undefined
    }
  /** A query and a document for a reranker. */
  | ({ readonly type: 'encode-pair'; readonly contextTokens: number } & PairTexts)
  /** `contextTokens`: a chat that cannot fit is refused after rendering and before encoding. */
  | { readonly type: 'encode-chat'; readonly chat: ChatTemplateInput; readonly contextTokens: number | null }
  | { readonly type: 'render-chat'; readonly chat: ChatTemplateInput }

export interface TokenizerAnswer {
  readonly text: string
  /** Of a chat: how the model writes calls. */
  readonly callForm?: CallFormName
  readonly tokenIds: Uint32Array<ArrayBuffer>
  /** Of a pair: how many of the last tokens are the document's. */
  readonly secondTokens?: number
  /** Of a pair: the tokens whose logits are its scores. */
  readonly scoredTokenIds?: readonly number[]
}

export interface FailureMessage {
  readonly type: 'failed'
  readonly code: ErrorCode
  readonly message: string
}

/** Events of the thread: first `ready` or `failed`, then one answer or failure per command, in order. */
export type TokenizerEvent =
  | { readonly type: 'ready'; readonly facts: TokenizerFacts }
  | { readonly type: 'answer'; readonly answer: TokenizerAnswer }
  | FailureMessage
