import { z } from 'zod'
import { StopStrings, WireSeed } from './openai.ts'
import { REFUSED } from './refused.ts'

const parameters = z.looseObject({
  /** Defaults to 100, as in TGI. */
  max_new_tokens: z.int().min(1).nullish(),
  /** Without it and without a setting of sampling, each token is the most likely one, as in TGI. */
  do_sample: z.boolean().nullish(),
  temperature: z.number().min(0).max(100).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  /** 0 and -1: off. */
  top_k: z.int().min(-1).nullish(),
  repetition_penalty: z.number().gt(0).max(100).nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  seed: WireSeed.nullish(),
  stop: StopStrings.nullish(),
  /** The answer starts with the prompt. */
  return_full_text: z.boolean().nullish(),
  /** The answer tells its tokens and why it ended. */
  details: z.boolean().nullish(),
  /** `details` tell the prompt's tokens too. */
  decoder_input_details: z.boolean().nullish(),
  /** `details` tell this many of the likeliest tokens at each position. */
  top_n_tokens: z.int().min(0).max(20).nullish(),
  /** Keep only this many of the last prompt tokens. */
  truncate: z.int().min(1).nullish(),
  best_of: z.int().min(0).nullish().meta(REFUSED),
})

/** A request to Text Generation Inference. Without a model, the default one answers, because TGI's clients name none. */
export const TgiRequest = z.looseObject({
  model: z.string().min(1).nullish(),
  /** An empty text has tokens only if the model starts its texts with one. */
  inputs: z.string().meta({ minLength: 1 }),
  parameters: parameters.nullish(),
})
export type TgiRequest = z.infer<typeof TgiRequest>

/** TGI's route for both ways to answer. */
export const TgiRootRequest = TgiRequest.extend({ stream: z.boolean().nullish() })
export type TgiRootRequest = z.infer<typeof TgiRootRequest>

const plain = { id: z.int(), text: z.string() }
export const TgiToken = z.strictObject({ ...plain, logprob: z.number(), special: z.boolean() })
export type TgiToken = z.infer<typeof TgiToken>

const end = { finish_reason: z.enum(['length', 'eos_token', 'stop_sequence']), generated_tokens: z.int(), seed: z.int().nullable() }

export const TgiDetails = z.strictObject({
  ...end,
  /** The prompt's tokens; only the first has no probability. */
  prefill: z.array(z.strictObject({ ...plain, logprob: z.number().nullable() })),
  tokens: z.array(TgiToken),
  top_tokens: z.array(z.array(TgiToken)).optional(),
})
export type TgiDetails = z.infer<typeof TgiDetails>

export const TgiAnswer = z.strictObject({ generated_text: z.string(), details: TgiDetails.nullish() })
export type TgiAnswer = z.infer<typeof TgiAnswer>

/** An event of a stream. The last one has the whole text, and the stop string or a special token without text. */
export const TgiEvent = z.strictObject({
  index: z.int(),
  token: TgiToken,
  top_tokens: z.array(TgiToken).optional(),
  generated_text: z.string().nullable(),
  details: z.strictObject({ ...end, input_length: z.int() }).nullable(),
})
export type TgiEvent = z.infer<typeof TgiEvent>

export const TgiInfo = z.strictObject({
  model_id: z.string(),
  model_sha: z.null(),
  model_pipeline_tag: z.literal('text-generation'),
  max_concurrent_requests: z.int(),
  max_best_of: z.int(),
  max_stop_sequences: z.int(),
  max_input_tokens: z.int(),
  max_total_tokens: z.int(),
  validation_workers: z.int(),
  max_client_batch_size: z.int(),
  router: z.literal('exo'),
  version: z.string(),
  sha: z.null(),
  docker_label: z.null(),
})
export type TgiInfo = z.infer<typeof TgiInfo>

export const TgiError = z.strictObject({ error: z.string(), error_type: z.enum(['validation', 'overloaded', 'generation']) })
export type TgiError = z.infer<typeof TgiError>
