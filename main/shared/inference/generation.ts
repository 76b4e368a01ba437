import { z } from 'zod'
import { GenerationId, ModelId, TokenId } from '../ids.ts'
import type { ErrorCode } from '../error-codes.ts'
import { TokenGrammar } from './grammar.ts'

/** Unsigned 64-bit integer in decimal: JSON numbers cannot hold a seed. */
export const Seed = z
  .string()
  .regex(/^\d{1,20}$/)
  .refine((text) => BigInt(text) < 2n ** 64n, 'a seed must be below 2^64')

/** How a token is sampled. The defaults are neutral: temperature 1, no filter, no penalty. */
export const Sampling = z.strictObject({
  /** 0 is greedy. */
  temperature: z.number().min(0).max(100).default(1),
  topP: z.number().gt(0).max(1).default(1),
  /** 0 is off. */
  topK: z.int().min(0).default(0),
  minP: z.number().min(0).max(1).default(0),
  /** Divides positive logits of every token that occurs in prompt or output by this value, and multiplies negative ones; 1 is off. */
  repetitionPenalty: z.number().gt(0).max(100).default(1),
  /** Subtracted once from the logit of every token of the output. */
  presencePenalty: z.number().min(-2).max(2).default(0),
  /** Subtracted from a token's logit once for each occurrence in the output. */
  frequencyPenalty: z.number().min(-2).max(2).default(0),
  logitBias: z
    .array(z.tuple([TokenId, z.number().min(-100).max(100)]))
    .max(4096)
    .default([]),
  /** Absent: any token may be sampled. */
  allowedTokenIds: z
    .array(TokenId)
    .min(1)
    .max(2 ** 18)
    .optional(),
  /** The output contains none of these sequences. */
  bannedSequences: z.array(z.array(TokenId).min(1).max(2048)).max(1024).optional(),
  /** No stop token is sampled before the output has this many tokens. */
  minTokens: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .optional(),
  seed: Seed,
})
export type Sampling = z.infer<typeof Sampling>

/** A small model that proposes continuations of the sequence. The text is the same without it. */
export const Draft = z.strictObject({
  modelId: ModelId,
  /** Its folder on rank 0's node, which fills this in. */
  modelDir: z.string().min(1).optional(),
})
export type Draft = z.infer<typeof Draft>

/**
 * The tokens whose states make up the embedding of a text. `scores` in place of it: the outputs of an encoder's
 * classifier, or a decoder's logits of `scoredTokenIds` after the text.
 */
export const Pooling = z.enum(['first', 'last', 'mean', 'scores'])
export type Pooling = z.infer<typeof Pooling>

/** The direction of a text in the model's space, a vector of length 1; or scores. */
export const Embedding = z
  .array(z.number())
  .min(1)
  .max(2 ** 16)

/** One sequence for the engine to generate, in token ids only. */
export const GenerationSpec = z.strictObject({
  generationId: GenerationId,
  promptTokenIds: z.array(TokenId).min(1),
  /**
   * How many of the last prompt tokens were sampled by an earlier run of this generation. Sampling continues at this
   * step of the seed, and presence and frequency penalties count them as output.
   */
  resumedTokens: z.int().min(0).default(0),
  /** Number of tokens still to sample. */
  maxTokens: z.int().min(0),
  /** Sampling one of these ends the generation with `stop`; the token itself is delivered. Empty: ignore_eos. */
  stopTokenIds: z.array(TokenId).max(1024),
  sampling: Sampling,
  /** null: no logprobs; 0: for the sampled token only; otherwise also for this many of the most likely tokens. */
  topLogprobs: z.int().min(0).max(20).nullable().default(null),
  /** Also report the prompt's own logprobs (OpenAI's `echo` with `logprobs`). */
  promptLogprobs: z.boolean().default(false),
  /** Set if an embedding of the prompt is requested. */
  pooling: Pooling.optional(),
  scoredTokenIds: z.array(TokenId).min(1).max(16).optional(),
  /** How many of the last prompt tokens are of the second of two texts; absent: there is one text. */
  secondTokens: z.int().min(0).optional(),
  draft: Draft.optional(),
  grammar: TokenGrammar.optional(),
})
export type GenerationSpec = z.infer<typeof GenerationSpec>

/** Natural-log probability of one token, from the raw logits (before temperature, penalties and filters). */
const TokenLogprob = z.strictObject({ tokenId: TokenId, logprob: z.number() })
export type TokenLogprob = z.infer<typeof TokenLogprob>

export const SampledToken = z.strictObject({
  tokenId: TokenId,
  /** null if not requested, and for the first prompt token. */
  logprob: z.number().nullable(),
  /** Most likely first; empty unless requested. */
  topLogprobs: z.array(TokenLogprob),
})
export type SampledToken = z.infer<typeof SampledToken>

export const EngineFinishReason = z.enum(['stop', 'length', 'cancelled'])
export type EngineFinishReason = z.infer<typeof EngineFinishReason>

/** The engine's measurements of one generation. */
export const GenerationTimings = z.strictObject({
  /** Waiting for a slot in the batch. */
  queueMs: z.number().min(0),
  /** Prompt evaluation, including the first sample. */
  prefillMs: z.number().min(0),
  /** From the first token to the last. */
  decodeMs: z.number().min(0),
  /** Prompt tokens taken from the prefix cache. */
  cachedTokens: z.int().min(0),
  /** Tokens that the draft model proposed and how many were accepted; absent without a draft model. */
  draft: z.strictObject({ proposedTokens: z.int().min(0), acceptedTokens: z.int().min(0) }).optional(),
})
export type GenerationTimings = z.infer<typeof GenerationTimings>

/** Order per generation: progress*, prompt-logprobs?, embedding?, delta*, then one end or one error. */
export type GenerationEvent =
  | { type: 'prefill-progress'; generationId: GenerationId; doneTokens: number; totalTokens: number }
  | { type: 'prompt-logprobs'; generationId: GenerationId; tokens: SampledToken[] }
  | { type: 'embedding'; generationId: GenerationId; vector: number[] }
  | { type: 'token-delta'; generationId: GenerationId; token: SampledToken }
  | { type: 'generation-end'; generationId: GenerationId; finishReason: EngineFinishReason; timings: GenerationTimings }
  | { type: 'generation-error'; generationId: GenerationId; code: ErrorCode; message: string }

/** Engine events of one generation, except errors. */
export type GenerationPart = Exclude<GenerationEvent, { type: 'generation-error' }>
