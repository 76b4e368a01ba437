import { z } from 'zod'
import { TokenId } from '../../ids.ts'
import { MOST_GENERATIONS } from '../../inference/most-generations.ts'
import { answerFields, generationFields, tokenIdFields, WireFinishReason, WireTimings, WireUsage } from './openai.ts'
import { REFUSED } from './refused.ts'

const TokenIds = z.array(TokenId).min(1)

/** An empty text has tokens only if the model starts its texts with one. */
const SomeText = z.string().meta({ minLength: 1 })

export const CompletionRequest = z
  .looseObject({
    ...generationFields,
    /** One text, several texts, one prompt of token ids, or several of them. */
    prompt: z.union([SomeText, z.array(SomeText).min(1).max(2048), TokenIds, z.array(TokenIds).min(1).max(2048)]),
    /** Defaults to 16, as in OpenAI's API. */
    max_tokens: z.int().min(0).nullish(),
    /** true: only the chosen token's. */
    logprobs: z
      .int()
      .min(0)
      .max(20)
      .meta({ type: ['integer', 'boolean'] })
      .nullish(),
    echo: z.boolean().nullish(),
    /** The text after the answer, for models trained to fill in the middle. */
    suffix: z.string().nullish(),
    /** Generates this many answers and returns the `n` with the highest token probabilities. */
    best_of: z.int().min(1).max(MOST_GENERATIONS).nullish().meta(REFUSED),
    add_special_tokens: z.boolean().nullish(),
  })
  .meta({
    if: { required: ['prompt'], properties: { prompt: { type: 'array', contains: { type: ['integer', 'array'] } } } },
    then: { properties: { suffix: { enum: ['', null] } } },
  })
export type CompletionRequest = z.infer<typeof CompletionRequest>

/** All arrays have one place per token; `text_offset` counts UTF-16 units from the start of the choice's `text`. */
export const CompletionLogprobs = z.strictObject({
  tokens: z.array(z.string()),
  token_logprobs: z.array(z.number().nullable()),
  top_logprobs: z.array(z.record(z.string(), z.number()).nullable()),
  text_offset: z.array(z.int()),
})
export type CompletionLogprobs = z.infer<typeof CompletionLogprobs>

const completionChoiceFields = {
  index: z.int(),
  text: z.string(),
  logprobs: CompletionLogprobs.nullable(),
  token_ids: z.array(z.int()).optional(),
  ...tokenIdFields,
}

export const CompletionChoice = z.strictObject({ ...completionChoiceFields, finish_reason: WireFinishReason })
export type CompletionChoice = z.infer<typeof CompletionChoice>

export const Completion = z.strictObject({
  ...answerFields,
  object: z.literal('text_completion'),
  choices: z.array(CompletionChoice),
  usage: WireUsage,
  timings: WireTimings,
})
export type Completion = z.infer<typeof Completion>

export const CompletionChunk = z.strictObject({
  ...answerFields,
  object: z.literal('text_completion'),
  choices: z.array(z.strictObject({ ...completionChoiceFields, finish_reason: WireFinishReason.nullable() })),
  usage: WireUsage.nullable().optional(),
  timings: WireTimings.optional(),
})
export type CompletionChunk = z.infer<typeof CompletionChunk>
