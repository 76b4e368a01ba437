import { z } from 'zod'
import type { Seed } from './generation.ts'
import { type InstanceId, TokenId } from '../ids.ts'
import type { Trit } from './trit.ts'
import type { ErrorCodeWith } from '../error-codes.ts'
import type { Grammar } from './grammar.ts'
import type { JsonObject } from '../formats/json-value.ts'
import type { TokenRules } from './token-rules.ts'

/** One function call requested by the model. */
export const ToolCall = z.strictObject({ id: z.string(), name: z.string(), argumentsJson: z.string() })
export type ToolCall = z.infer<typeof ToolCall>

/** One message in the form that chat templates use; API adapters convert their own formats to it. */
export const ChatMessage = z.strictObject({
  role: z.enum(['system', 'user', 'assistant', 'tool']),
  content: z.string(),
  /** The reasoning of an assistant message; templates decide whether the model sees it again. */
  reasoning: z.string().optional(),
  name: z.string().optional(),
  toolCalls: z.array(ToolCall).optional(),
  toolCallId: z.string().optional(),
})
export type ChatMessage = z.infer<typeof ChatMessage>

export const ToolDefinition = z.strictObject({
  name: z.string(),
  description: z.string().optional(),
  parameters: z.unknown().optional(),
  /** The JSON text written by the client, which preserves the order of keys and the notation of numbers. */
  parametersJson: z.string().optional(),
})
export type ToolDefinition = z.infer<typeof ToolDefinition>

/**
 * How the answer starts, in words that the model continues: text, or the start of a call (`name` null: of any tool) in
 * its template's format. `afterThinking`: also if the prompt leaves a thought open, which is then closed first.
 */
export const AnswerStart = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('text'), text: z.string(), afterThinking: z.boolean() }),
  z.strictObject({ kind: z.literal('call'), name: z.string().nullable(), afterThinking: z.boolean() }),
])
export type AnswerStart = z.infer<typeof AnswerStart>

/** What an embedding is for: in words, or by one of the names that the model's files give. */
export const EmbeddingTask = z.union([z.strictObject({ instruction: z.string() }), z.strictObject({ name: z.string() })])
export type EmbeddingTask = z.infer<typeof EmbeddingTask>

export const Prompt = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('messages'),
    messages: z.array(ChatMessage).min(1),
    tools: z.array(ToolDefinition).default([]),
    /** Extra variables for the chat template, such as `enable_thinking`. */
    templateVariables: z.record(z.string(), z.unknown()).default({}),
    answerStart: AnswerStart.optional(),
    /** Replaces the model's own chat template. */
    template: z.string().optional(),
    /** The earlier messages of the conversation. */
    precedingTokenIds: z.array(TokenId).optional(),
  }),
  z.strictObject({
    kind: z.literal('text'),
    text: z.string(),
    /** The text after the answer: the model fills in the middle. */
    suffix: z.string().optional(),
    /** False: no beginning-of-text token. */
    addSpecialTokens: z.boolean().optional(),
    /** Of a text to embed: what the embedding is for, in the model's own form. */
    task: EmbeddingTask.optional(),
    precedingTokenIds: z.array(TokenId).optional(),
  }),
  z.strictObject({ kind: z.literal('token-ids'), tokenIds: z.array(TokenId).min(1) }),
  /** A document that is compared with a query: the answer is its scores. */
  z.strictObject({
    kind: z.literal('pair'),
    query: z.string(),
    document: z.string(),
    /** What counts as a match; absent: an answer to the query. */
    instruction: z.string().optional(),
    /** The most tokens of the document; absent: as many as the context holds. */
    documentTokens: z.int().min(1).optional(),
  }),
])
export type Prompt = z.infer<typeof Prompt>

/** What the calls of an answer must be, in the format of the model's own family. */
export interface CallRule {
  /** False: the answer may be text, or calls after text. */
  readonly isRequired: boolean
  /** The tools that may be called, with the schemas that bind their arguments. */
  readonly tools: readonly { readonly name: string; readonly schema: JsonObject }[]
  /** False: at most one call. */
  readonly isParallel: boolean
}

/** A request of an API adapter to the router: one prompt, `choices` answers. */
export interface InferenceRequest {
  readonly requestId: string
  /** Hub id, alias or folder, as named by the client. */
  readonly model: string
  readonly prompt: Prompt
  /** null: up to the end of the context. */
  readonly maxTokens: number | null
  readonly stop: readonly string[]
  /** null: drawn by the router. Choice i samples with a seed derived from it; choice 0 uses the seed itself. */
  readonly seed: z.infer<typeof Seed> | null
  readonly choices: number
  /** null, here and in the four fields below: the model's default. */
  readonly temperature: number | null
  readonly topP: number | null
  readonly topK: number | null
  readonly minP: number | null
  readonly repetitionPenalty: number | null
  readonly presencePenalty: number
  readonly frequencyPenalty: number
  readonly logitBias: readonly (readonly [tokenId: number, bias: number])[]
  /** null: no logprobs. */
  readonly topLogprobs: number | null
  readonly promptLogprobs: boolean
  /** An embedding of the prompt is requested, and no answer. */
  readonly embeds?: boolean
  readonly ignoreEos: boolean
  readonly tokenRules?: TokenRules
  /** The form of the answer after the model's thought; absent: the answer is free. */
  readonly grammar?: Grammar
  /** The calls that the engine enforces; absent: calls are free. With a grammar as well, the answer is one or the other. */
  readonly calls?: CallRule
  /** The instance to run on as long as it exists; absent: any instance of the model. */
  readonly instanceId?: InstanceId
  /** Context size in tokens if the model must be loaded first; absent: the model's limit, less if memory is short. */
  readonly contextTokens?: number
  /** A small model that proposes continuations, as named by the client; absent: that of the instance, if any. */
  readonly draftModel?: string
  /** Its role in a trifurcated inference, for the history; absent: 0, as for every ordinary request. */
  readonly trit?: Trit
}

/** A token with its text. `bytes` are the token's own, which need not be complete UTF-8 characters. */
export interface TextToken {
  readonly tokenId: number
  readonly text: string
  readonly bytes: readonly number[]
  readonly logprob: number | null
  /** It is no part of the text, such as the token that ends an answer. */
  readonly isHidden?: true
  readonly topLogprobs: readonly {
    readonly tokenId: number
    readonly text: string
    readonly bytes: readonly number[]
    readonly logprob: number
  }[]
}

export type FinishReason = 'stop' | 'length' | 'cancelled'

export interface Usage {
  readonly promptTokens: number
  readonly completionTokens: number
  readonly cachedTokens: number
}

export interface InferenceTimings {
  /** From the accepted request to the first token. */
  readonly ttftMs: number
  readonly queueMs: number
  readonly prefillTokensPerSecond: number
  readonly decodeTokensPerSecond: number
  readonly totalMs: number
  /** Counts of the draft model over all choices; absent without a draft model. */
  readonly draft?: { readonly proposedTokens: number; readonly acceptedTokens: number }
}

/**
 * The answer, as it arrives. Order: accepted, prefill-progress*, prompt-tokens?, embedding?, then per choice
 * text-delta* and one choice-end, then one inference-end. A failure is thrown as an `AppError`.
 */
export type InferencePart =
  | {
      readonly type: 'accepted'
      readonly modelId: string
      readonly promptTokenIds: readonly number[]
      readonly promptText: string
      readonly seed: string
    }
  | { readonly type: 'prefill-progress'; readonly doneTokens: number; readonly totalTokens: number }
  | { readonly type: 'embedding'; readonly vector: readonly number[] }
  | { readonly type: 'prompt-tokens'; readonly tokens: readonly TextToken[] }
  | {
      readonly type: 'text-delta'
      readonly choiceIndex: number /** May be empty while a character or a stop string is incomplete. */
      readonly text: string
      readonly tokens: readonly TextToken[]
    }
  | {
      readonly type: 'choice-end'
      readonly choiceIndex: number
      readonly finishReason: FinishReason
      readonly stopString: string | null
      readonly completionTokens: number
    }
  | { readonly type: 'inference-end'; readonly usage: Usage; readonly timings: InferenceTimings }

/** Codes of the errors that `infer` throws; API adapters map them to statuses. */
export type InferenceErrorCode = ErrorCodeWith<'inference'>

/** Observes the parts of one inference on their way to the client, without delaying them. */
export interface InferenceObserver {
  onPart(part: InferencePart): void
  /** The client has read the previous part and requests the next. */
  onTaken(): void
  onFailure(error: unknown): void
}
