import type { ErrorCode } from '../../shared/error-codes.ts'
import type { SamplingSettings } from '../../shared/inference/sampling.ts'
import type { ChatTemplateInput } from './template/chat-template.ts'
import type { TokenTable } from './token-table.ts'

/** What a tokenizer's thread tells of its model, once, when it is ready. */
export interface TokenizerFacts {
  /** null: the folder has no tokenizer, and the model takes token ids only. */
  readonly table: TokenTable | null
  readonly stripsLeadingSpace: boolean
  readonly eosTokenIds: readonly number[]
  readonly bosTokenId: number | null
  readonly vocabSize: number
  /** No token stands for more bytes of a text than this. */
  readonly longestTokenBytes: number
  readonly sampling: SamplingSettings
}

export type TokenizerCommand =
  | {
      readonly type: 'encode'
      readonly text: string
      readonly addSpecialTokens: boolean /** null: nothing follows the answer. */
      readonly suffix: string | null
    }
  /** `contextTokens`: a chat that cannot fit is refused once it is rendered, before it is encoded. */
  | { readonly type: 'encode-chat'; readonly chat: ChatTemplateInput; readonly contextTokens: number | null }
  | { readonly type: 'render-chat'; readonly chat: ChatTemplateInput }

export interface TokenizerAnswer {
  readonly text: string
  readonly tokenIds: Uint32Array<ArrayBuffer>
}

export interface FailureMessage {
  readonly type: 'failed'
  readonly code: ErrorCode
  readonly message: string
}

/** From the thread. One `ready` or `failed` first, then one answer or failure for each command, in order. */
export type TokenizerEvent =
  | { readonly type: 'ready'; readonly facts: TokenizerFacts }
  | { readonly type: 'answer'; readonly answer: TokenizerAnswer }
  | FailureMessage
