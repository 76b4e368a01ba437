import { z } from 'zod'
import { REFUSED } from './refused.ts'
import { MOST_GENERATIONS } from '../../inference/most-generations.ts'
import { tokenRuleFields } from './token-rule-fields.ts'

/** Any integer of 64 bits, signed or not; as decimal text if a JSON number cannot hold it. */
export const WireSeed = z.union([z.int(), z.string().regex(/^-?\d{1,20}$/)])
export type WireSeed = z.infer<typeof WireSeed>

/** OpenAI accepts 4, others any number: some user interfaces send one for each character in a dialogue. */
export const StopStrings = z.union([z.string().min(1), z.array(z.string().min(1)).max(256)])
const StreamOptions = z.looseObject({ include_usage: z.boolean().nullish() })

/** Fields that chat and text completions share. Fields beyond OpenAI's are those of vLLM. */
/** It may also be written as text. */
const Bias = z
  .number()
  .min(-100)
  .max(100)
  .meta({ type: ['number', 'string'], pattern: '^-?\\d{1,2}$' })

export const generationFields = {
  model: z.string().min(1),
  stream: z.boolean().nullish(),
  stream_options: StreamOptions.nullish(),
  n: z.int().min(1).max(MOST_GENERATIONS).nullish(),
  stop: StopStrings.nullish(),
  seed: WireSeed.nullish(),
  temperature: z.number().min(0).max(5).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  /** 0 and -1: off. */
  top_k: z.int().min(-1).nullish(),
  min_p: z.number().min(0).max(1).nullish(),
  repetition_penalty: z.number().gt(0).max(100).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  logit_bias: z.record(z.string().regex(/^(\d{1,9}|1\d{9}|20\d{8})$/, 'keys must be token ids'), Bias).nullish(),
  ignore_eos: z.boolean().nullish(),
  ...tokenRuleFields,
  return_token_ids: z.boolean().nullish(),
  user: z.string().nullish(),
  /** A small model with the same vocabulary that proposes tokens: the same text, faster. */
  draft_model: z.string().min(1).nullish(),
}

const TextPart = z.looseObject({ type: z.literal('text'), text: z.string() })
/** Other kinds of part are refused by name, after parsing. */
const ContentPart = z.union([
  TextPart,
  z.looseObject({ type: z.string().refine((type) => type !== 'text', { abort: true }) }).meta(REFUSED),
])
export const MessageContent = z.union([z.string(), z.array(ContentPart)])
export type MessageContent = z.infer<typeof MessageContent>

const WireToolCall = z.looseObject({
  id: z.string(),
  type: z.literal('function').default('function'),
  function: z.looseObject({ name: z.string(), arguments: z.string() }),
})

export const WireMessage = z.discriminatedUnion('role', [
  z.looseObject({ role: z.enum(['system', 'developer', 'user']), content: MessageContent, name: z.string().nullish() }),
  z.looseObject({
    role: z.literal('assistant'),
    content: MessageContent.nullish(),
    name: z.string().nullish(),
    tool_calls: z.array(WireToolCall).nullish(),
  }),
  z.looseObject({ role: z.literal('tool'), content: MessageContent, tool_call_id: z.string() }),
])
export type WireMessage = z.infer<typeof WireMessage>

const WireTool = z.looseObject({
  type: z.literal('function'),
  function: z.looseObject({
    name: z.string().min(1),
    description: z.string().nullish(),
    parameters: z.record(z.string(), z.unknown()).nullish(),
    strict: z.boolean().nullish(),
  }),
})
export type WireTool = z.infer<typeof WireTool>

export const ReasoningEffort = z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh'])
export type ReasoningEffort = z.infer<typeof ReasoningEffort>

export const ChatCompletionRequest = z
  .looseObject({
    ...generationFields,
    messages: z.array(WireMessage).min(1),
    max_tokens: z.int().min(1).nullish(),
    max_completion_tokens: z.int().min(1).nullish(),
    /** A number, without `top_logprobs`, stands for both fields. */
    logprobs: z
      .boolean()
      .meta({ type: ['boolean', 'integer'], minimum: 0, maximum: 20 })
      .nullish(),
    top_logprobs: z.int().min(0).max(20).nullish(),
    tools: z.array(WireTool).max(512).nullish(),
    parallel_tool_calls: z.boolean().nullish(),
    /** Variables for the model's chat template. */
    chat_template_kwargs: z.record(z.string(), z.unknown()).nullish(),
    enable_thinking: z.boolean().nullish(),
    /** Other names map to the nearest level; unknown names leave the choice to the model. */
    reasoning_effort: ReasoningEffort.nullish().meta({ 'x-any': true }),
    /** A Jinja template that replaces the model's own. */
    chat_template: z
      .string()
      .max(256 * 1024)
      .nullish()
      .meta(REFUSED),
    /** False: the prompt ends with the last message. */
    add_generation_prompt: z.boolean().nullish(),
    /** False: a last message of the assistant is complete, and another one follows; otherwise the answer continues it. */
    continue_final_message: z.boolean().nullish().meta(REFUSED),
    /** The answer starts with the last message if it continues that message. */
    echo: z.boolean().nullish(),
  })
  .meta({
    if: { required: ['top_logprobs'], properties: { top_logprobs: { type: 'integer' } } },
    then: { required: ['logprobs'], properties: { logprobs: { const: true } } },
  })
export type ChatCompletionRequest = z.infer<typeof ChatCompletionRequest>

export const WireUsage = z.strictObject({
  prompt_tokens: z.int(),
  completion_tokens: z.int(),
  total_tokens: z.int(),
  prompt_tokens_details: z.strictObject({ cached_tokens: z.int() }),
  completion_tokens_details: z.strictObject({ reasoning_tokens: z.int() }).optional(),
})
export type WireUsage = z.infer<typeof WireUsage>

/** llama.cpp's names for the timings of an answer, which its clients read. */
export const LlamaTimings = z.strictObject({
  cache_n: z.int(),
  prompt_n: z.int(),
  prompt_ms: z.number(),
  prompt_per_token_ms: z.number(),
  prompt_per_second: z.number(),
  predicted_n: z.int(),
  predicted_ms: z.number(),
  predicted_per_token_ms: z.number(),
  predicted_per_second: z.number(),
})
export type LlamaTimings = z.infer<typeof LlamaTimings>

export const WireTimings = z.strictObject({
  ttft_ms: z.number(),
  queue_ms: z.number(),
  prefill_tokens_per_second: z.number(),
  decode_tokens_per_second: z.number(),
  total_ms: z.number(),
  ...LlamaTimings.partial().shape,
  /** Tokens that the draft model proposed and how many were accepted; only with a draft model. */
  draft: z.strictObject({ proposed_tokens: z.int(), accepted_tokens: z.int() }).optional(),
})
export type WireTimings = z.infer<typeof WireTimings>

/** `cancelled`: ended by `POST /v1/cancel/{id}`. */
export const WireFinishReason = z.enum(['stop', 'length', 'tool_calls', 'cancelled'])
export type WireFinishReason = z.infer<typeof WireFinishReason>

const tokenProbability = { token: z.string(), logprob: z.number(), bytes: z.array(z.int()) }
export const ChatTokenLogprob = z.strictObject({ ...tokenProbability, top_logprobs: z.array(z.strictObject(tokenProbability)) })
export type ChatTokenLogprob = z.infer<typeof ChatTokenLogprob>
export const ChatLogprobs = z.strictObject({ content: z.array(ChatTokenLogprob), refusal: z.null() })
export type ChatLogprobs = z.infer<typeof ChatLogprobs>

const AnswerToolCall = z.strictObject({
  id: z.string(),
  type: z.literal('function'),
  function: z.strictObject({ name: z.string(), arguments: z.string() }),
})
export type AnswerToolCall = z.infer<typeof AnswerToolCall>

export const answerFields = { id: z.string(), created: z.int(), model: z.string(), system_fingerprint: z.string() }
/** Only with `return_token_ids`. */
export const tokenIdFields = { prompt_token_ids: z.array(z.int()).optional() }

/** Clients know the reasoning by either name. */
const reasoningFields = { reasoning_content: z.string().optional(), reasoning: z.string().optional() }

export const ChatChoice = z.strictObject({
  index: z.int(),
  message: z.strictObject({
    role: z.literal('assistant'),
    content: z.string().nullable(),
    refusal: z.null(),
    ...reasoningFields,
    tool_calls: z.array(AnswerToolCall).optional(),
  }),
  logprobs: ChatLogprobs.nullable(),
  finish_reason: WireFinishReason,
  token_ids: z.array(z.int()).optional(),
})
export type ChatChoice = z.infer<typeof ChatChoice>

export const ChatCompletion = z.strictObject({
  ...answerFields,
  ...tokenIdFields,
  object: z.literal('chat.completion'),
  choices: z.array(ChatChoice),
  usage: WireUsage,
  timings: WireTimings,
})
export type ChatCompletion = z.infer<typeof ChatCompletion>

export const ChatDelta = z.strictObject({
  role: z.literal('assistant').optional(),
  content: z.string().optional(),
  ...reasoningFields,
  /** A call's first delta has its name and id, and the following ones its arguments. */
  tool_calls: z
    .array(
      z.union([
        z.strictObject({ index: z.int(), ...AnswerToolCall.shape }),
        z.strictObject({ index: z.int(), function: z.strictObject({ arguments: z.string() }) }),
      ]),
    )
    .optional(),
})
export type ChatDelta = z.infer<typeof ChatDelta>

export const ChatCompletionChunk = z.strictObject({
  ...answerFields,
  ...tokenIdFields,
  object: z.literal('chat.completion.chunk'),
  choices: z.array(
    z.strictObject({
      index: z.int(),
      delta: ChatDelta,
      logprobs: ChatLogprobs.nullable(),
      finish_reason: WireFinishReason.nullable(),
      token_ids: z.array(z.int()).optional(),
    }),
  ),
  /** With `stream_options.include_usage`: null in all chunks except the last. */
  usage: WireUsage.nullable().optional(),
  timings: WireTimings.optional(),
})
export type ChatCompletionChunk = z.infer<typeof ChatCompletionChunk>

/** OpenAI's error format, used for every failure of the API. */
export const ErrorBody = z.strictObject({
  error: z.strictObject({ message: z.string(), type: z.string(), param: z.string().nullable(), code: z.string().nullable() }),
})
export type ErrorBody = z.infer<typeof ErrorBody>
