import { z } from 'zod'
import { TokenId } from '../../ids.ts'
import { generationFields, LlamaTimings, StopStrings, WireSeed } from './openai.ts'
import { REFUSED } from './refused.ts'

/** The settings of llama.cpp's own routes. Without a model, the default one answers, because llama.cpp's clients name none. */
const settings = {
  model: z.string().min(1).nullish(),
  stream: z.boolean().nullish(),
  /** -1: up to the end of the context. */
  n_predict: z.int().min(-2).nullish(),
  temperature: z.number().min(0).max(100).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_k: z.int().min(-1).nullish(),
  min_p: z.number().min(0).max(1).nullish(),
  repeat_penalty: z.number().gt(0).max(100).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  seed: WireSeed.nullish(),
  stop: StopStrings.nullish(),
  ignore_eos: z.boolean().nullish(),
  /** Clients may also send pairs of a token id and its bias. */
  logit_bias: generationFields.logit_bias,
  /** The answer has this many of the likeliest tokens at each position. */
  n_probs: z.int().min(0).max(20).nullish(),
}

const LlamaPrompt = z.union([z.string().meta({ minLength: 1 }), z.array(TokenId).min(1).meta(REFUSED)])

export const LlamaCompletionRequest = z.looseObject({
  ...settings,
  /**
   * An empty text has tokens only if the model starts its texts with one. Ids outside the model's vocabulary are refused.
   * Several prompts have a list of answers.
   */
  prompt: z.union([...LlamaPrompt.options, z.array(LlamaPrompt).min(1).max(256).meta(REFUSED)]),
})
export type LlamaCompletionRequest = z.infer<typeof LlamaCompletionRequest>

export const LlamaInfillRequest = z.looseObject({
  ...settings,
  input_prefix: z.string().default(''),
  input_suffix: z.string().default(''),
  /** Further files, which precede the prefix. */
  input_extra: z
    .array(z.looseObject({ text: z.string(), filename: z.string().nullish() }))
    .max(256)
    .nullish(),
  /** The start of the answer. */
  prompt: z.string().nullish(),
})
export type LlamaInfillRequest = z.infer<typeof LlamaInfillRequest>

const tokenProbability = { id: z.int(), token: z.string(), bytes: z.array(z.int()), logprob: z.number() }
const LlamaProbability = z.strictObject({ ...tokenProbability, top_logprobs: z.array(z.strictObject(tokenProbability)) })

/** The answer or, with `stop: false`, a piece of it. */
export const LlamaAnswer = z.strictObject({
  /** The number of its prompt. */
  index: z.int(),
  content: z.string(),
  tokens: z.array(z.int()),
  stop: z.boolean(),
  model: z.string(),
  /** With `n_probs`. */
  completion_probabilities: z.array(LlamaProbability).optional(),
  tokens_predicted: z.int().optional(),
  tokens_evaluated: z.int().optional(),
  tokens_cached: z.int().optional(),
  truncated: z.literal(false).optional(),
  stop_type: z.enum(['eos', 'limit', 'word', 'none']).optional(),
  stopping_word: z.string().optional(),
  timings: LlamaTimings.optional(),
})
export type LlamaAnswer = z.infer<typeof LlamaAnswer>

export const LlamaProps = z.strictObject({
  default_generation_settings: z.strictObject({
    n_ctx: z.int(),
    /** What applies to a request without settings of its own. */
    params: z.strictObject({
      temperature: z.number(),
      top_p: z.number(),
      top_k: z.int(),
      min_p: z.number(),
      repeat_penalty: z.number(),
      presence_penalty: z.literal(0),
      frequency_penalty: z.literal(0),
      /** Up to the end of the context. */
      n_predict: z.literal(-1),
      max_tokens: z.literal(-1),
      stream: z.literal(false),
    }),
  }),
  total_slots: z.int(),
  /** Empty: the model has none, or its files are on another machine. */
  chat_template: z.string(),
  bos_token: z.string(),
  eos_token: z.string(),
  model_alias: z.string(),
  model_path: z.string(),
  modalities: z.strictObject({ vision: z.literal(false), audio: z.literal(false) }),
  build_info: z.string(),
  is_sleeping: z.boolean(),
})
export type LlamaProps = z.infer<typeof LlamaProps>

export const LlamaSlotsQuery = z.object({
  /** With any value: an error if all slots are in use. */
  fail_on_no_slot: z.string().optional(),
  model: z.string().optional(),
})

/** Places for answers that are decoded together. */
export const LlamaSlots = z.array(
  z.strictObject({ id: z.int(), n_ctx: z.int(), speculative: z.literal(false), is_processing: z.boolean() }),
)
export type LlamaSlots = z.infer<typeof LlamaSlots>
