import { z } from 'zod'
import { ModelCapability } from '../../models/model-capability.ts'
import { KEEP_ALIVE_PATTERN } from '../../formats/parse-keep-alive.ts'
import { TokenId } from '../../ids.ts'
import { REFUSED } from './refused.ts'
import { ReasoningEffort, StopStrings, WireSeed } from './openai.ts'

export const OllamaOptions = z.looseObject({
  /** 0 and below: up to the end of the context. */
  num_predict: z.int().min(-2).nullish(),
  temperature: z.number().min(0).max(100).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_k: z.int().min(-1).nullish(),
  min_p: z.number().min(0).max(1).nullish(),
  seed: WireSeed.nullish(),
  /** The context length for loading the model, if it is not loaded yet. */
  num_ctx: z.int().min(0).nullish(),
  stop: StopStrings.nullish(),
  /** Applies to the whole prompt and answer, regardless of `repeat_last_n`. */
  repeat_penalty: z.number().gt(0).max(100).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
})

/** Checked with its own message, since its error names the form of a duration. */
const KeepAlive = z.union([z.number(), z.string().meta({ pattern: KEEP_ALIVE_PATTERN })]).nullish()

const requestFields = {
  model: z.string().min(1),
  /** Defaults to true, as in Ollama. */
  stream: z.boolean().nullish(),
  options: OllamaOptions.nullish(),
  think: z.union([z.boolean(), ReasoningEffort]).nullish(),
  /** How long the model stays loaded after its last use: seconds, or a duration such as `5m`. 0: unload; below 0: forever. */
  keep_alive: KeepAlive,
  logprobs: z.boolean().nullish(),
  top_logprobs: z.int().min(0).max(20).nullish(),
}

const OllamaCall = z.looseObject({ function: z.looseObject({ name: z.string(), arguments: z.record(z.string(), z.unknown()) }) })

export const OllamaMessage = z.looseObject({
  role: z.enum(['system', 'user', 'assistant', 'tool']),
  content: z.string().nullish(),
  /** Only an empty list is served; others are refused by name. */
  images: z.union([z.array(z.unknown()).max(0), z.array(z.unknown()).meta({ 'x-refused': true })]).nullish(),
  tool_calls: z.array(OllamaCall).nullish(),
  tool_name: z.string().nullish(),
})
export type OllamaMessage = z.infer<typeof OllamaMessage>

const OllamaTool = z.looseObject({
  type: z.literal('function').nullish(),
  function: z.looseObject({
    name: z.string().min(1),
    description: z.string().nullish(),
    parameters: z.record(z.string(), z.unknown()).nullish(),
  }),
})

export const OllamaChatRequest = z.looseObject({
  ...requestFields,
  /** Empty: only loads the model. */
  messages: z.array(OllamaMessage).default([]),
  tools: z.array(OllamaTool).max(512).nullish(),
})
export type OllamaChatRequest = z.infer<typeof OllamaChatRequest>

export const OllamaGenerateRequest = z.looseObject({
  ...requestFields,
  /** Empty: only loads the model. */
  prompt: z.string().default(''),
  system: z.string().nullish(),
  /** A Go template that replaces the model's own. */
  template: z
    .string()
    .max(256 * 1024)
    .nullish(),
  /** Skips the chat template. */
  raw: z.boolean().nullish(),
  /** The `context` of an earlier answer: tokens that precede the prompt. */
  context: z
    .array(TokenId)
    .max(2 ** 21)
    .nullish(),
})
export type OllamaGenerateRequest = z.infer<typeof OllamaGenerateRequest>

const embeddingFields = {
  model: z.string().min(1),
  options: OllamaOptions.nullish(),
  keep_alive: KeepAlive,
}

export const OllamaEmbedRequest = z.looseObject({
  ...embeddingFields,
  /** Empty: load the model. */
  input: z.union([z.string(), z.array(z.string()).max(2048)]).default([]),
  /** Defaults to true: the end of a text that the context does not hold is left out. */
  truncate: z.boolean().nullish(),
  /** 0: all. */
  dimensions: z
    .int()
    .min(0)
    .max(2 ** 16)
    .nullish(),
})
export type OllamaEmbedRequest = z.infer<typeof OllamaEmbedRequest>

export const OllamaEmbedAnswer = z.strictObject({
  model: z.string(),
  embeddings: z.array(z.array(z.number())),
  total_duration: z.int(),
  load_duration: z.int(),
  prompt_eval_count: z.int(),
})

/** The older route, of one text. */
export const OllamaEmbeddingsRequest = z.looseObject({
  ...embeddingFields,
  /** Empty: load the model. */
  prompt: z.string().default(''),
})
export type OllamaEmbeddingsRequest = z.infer<typeof OllamaEmbeddingsRequest>

/** Clients may send parts, or anything else; it has been converted to text before validation. */
const AnyContent = z.string().default('').meta({ type: undefined })

export const OllamaCreateRequest = z.looseObject({
  model: z.string().min(1).max(1024),
  from: z
    .union([z.string().max(1024).meta({ minLength: 1 }), z.null().meta({ 'x-refused': true })])
    .optional()
    .meta({ 'x-needed': true }),
  system: z.string().nullish(),
  template: z.string().nullish(),
  license: z.union([z.string(), z.array(z.string()).max(64)]).nullish(),
  parameters: z.record(z.string(), z.unknown()).nullish(),
  messages: z
    .array(z.looseObject({ role: z.enum(['system', 'user', 'assistant']), content: AnyContent }))
    .max(256)
    .nullish(),
  /** Sent by older clients instead of the fields above. */
  modelfile: z.string().nullish().meta(REFUSED),
  stream: z.boolean().nullish(),
})
export type OllamaCreateRequest = z.infer<typeof OllamaCreateRequest>

const DoneReason = z.enum(['stop', 'length', 'cancelled', 'load', 'unload'])
/** Durations are in nanoseconds. */
const statistics = {
  total_duration: z.int().optional(),
  load_duration: z.int().optional(),
  prompt_eval_count: z.int().optional(),
  prompt_eval_duration: z.int().optional(),
  eval_count: z.int().optional(),
  eval_duration: z.int().optional(),
}
export const OllamaStatistics = z.strictObject(statistics)
export type OllamaStatistics = z.infer<typeof OllamaStatistics>

const OllamaTopLogprob = z.strictObject({ token: z.string(), logprob: z.number(), bytes: z.array(z.int()) })
export const OllamaLogprob = OllamaTopLogprob.extend({ top_logprobs: z.array(OllamaTopLogprob).optional() })
export type OllamaLogprob = z.infer<typeof OllamaLogprob>

const answerFields = {
  model: z.string(),
  created_at: z.string(),
  done: z.boolean(),
  done_reason: DoneReason.optional(),
  logprobs: z.array(OllamaLogprob).optional(),
  ...statistics,
}

export const OllamaAnswerMessage = z.strictObject({
  role: z.literal('assistant'),
  content: z.string(),
  thinking: z.string().optional(),
  tool_calls: z
    .array(
      z.strictObject({
        id: z.string(),
        function: z.strictObject({ index: z.int(), name: z.string(), arguments: z.record(z.string(), z.unknown()) }),
      }),
    )
    .optional(),
})
export type OllamaAnswerMessage = z.infer<typeof OllamaAnswerMessage>

export const OllamaChatAnswer = z.strictObject({ ...answerFields, message: OllamaAnswerMessage })
export type OllamaChatAnswer = z.infer<typeof OllamaChatAnswer>

export const OllamaGenerateAnswer = z.strictObject({
  ...answerFields,
  response: z.string(),
  thinking: z.string().optional(),
  context: z.array(z.int()).optional(),
})
export type OllamaGenerateAnswer = z.infer<typeof OllamaGenerateAnswer>

const OllamaDetails = z.strictObject({
  parent_model: z.string(),
  format: z.literal('mlx'),
  family: z.string(),
  families: z.array(z.string()),
  parameter_size: z.string(),
  quantization_level: z.string(),
})
export type OllamaDetails = z.infer<typeof OllamaDetails>

/** `digest` identifies the model, not its files: Ollama's listing requires one. */
const OllamaModel = z.strictObject({
  name: z.string(),
  model: z.string(),
  size: z.int(),
  digest: z.string(),
  modified_at: z.string(),
  details: OllamaDetails,
  capabilities: z.array(ModelCapability),
})
export const OllamaTags = z.strictObject({ models: z.array(OllamaModel) })
export type OllamaTags = z.infer<typeof OllamaTags>
export const OllamaRunning = z.strictObject({
  models: z.array(OllamaModel.extend({ size_vram: z.int(), expires_at: z.string(), context_length: z.int() })),
})

export const OllamaShow = z.strictObject({
  license: z.string(),
  modelfile: z.string(),
  parameters: z.string(),
  template: z.string(),
  system: z.string(),
  messages: z.array(z.strictObject({ role: z.string(), content: z.string() })).optional(),
  modified_at: z.string(),
  details: OllamaDetails,
  model_info: z.record(z.string(), z.unknown()),
  capabilities: z.array(ModelCapability),
})

export const OllamaError = z.strictObject({ error: z.string() })
