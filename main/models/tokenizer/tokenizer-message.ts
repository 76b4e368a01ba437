import type { CallFormName } from '../../domain/generation/calls/call-forms.ts'
import type { ErrorCode } from '../../shared/error-codes.ts'
import type { Pooling } from '../../shared/inference/generation.ts'
import type { SamplingSettings } from '../../shared/inference/sampling.ts'
import type { ChatTemplateInput } from './template/chat-template.ts'
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
    }
  /** `contextTokens`: a chat that cannot fit is refused after rendering and before encoding. */
  | { readonly type: 'encode-chat'; readonly chat: ChatTemplateInput; readonly contextTokens: number | null }
  | { readonly type: 'render-chat'; readonly chat: ChatTemplateInput }

export interface TokenizerAnswer {
  readonly text: string
  /** Of a chat: how the model writes calls. */
  readonly callForm?: CallFormName
  readonly tokenIds: Uint32Array<ArrayBuffer>
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
