import { z } from 'zod'
import { REFUSED } from './refused.ts'
import { tokenRuleFields } from './token-rule-fields.ts'
import { ChatTokenLogprob, ReasoningEffort, StopStrings, WireSeed, WireTimings } from './openai.ts'

const TextType = z.enum(['input_text', 'output_text', 'text'])
const TextPart = z.looseObject({
  type: TextType.default('text').meta({ type: ['string', 'null'], enum: [...TextType.options, null] }),
  text: z.string().meta({ type: ['string', 'null'] }),
})
const OtherType = z
  .string()
  .refine((type) => !TextType.safeParse(type).success, { abort: true })
  .meta({ not: { enum: TextType.options } })
const OtherPart = z.looseObject({ type: OtherType })
/** A text stands for a part of that text, and null for none. */
const PastPart = z.union([TextPart.meta({ type: ['object', 'string', 'null'] }), OtherPart])
/** Other kinds of part are refused by name, after parsing. */
const ItemContent = z.union([z.string(), z.array(z.union([TextPart, OtherPart.meta(REFUSED)]))])
export type ItemContent = z.infer<typeof ItemContent>

const MessageItem = z.looseObject({
  type: z.literal('message').default('message'),
  role: z.enum(['system', 'developer', 'user', 'assistant']),
  content: ItemContent.default(''),
})
/** A call and its result belong together if neither has an id. */
const CallId = z
  .string()
  .meta({ type: ['string', 'null'] })
  .default('call')
const FunctionCallItem = z.looseObject({
  type: z.literal('function_call'),
  call_id: CallId,
  name: z.string(),
  /** Any other JSON value becomes its text. */
  arguments: z.string().default('{}').meta({ 'x-any': true }),
})
const FunctionCallOutputItem = z.looseObject({
  type: z.literal('function_call_output'),
  call_id: CallId,
  /** Any other JSON value becomes its text. */
  output: ItemContent.default('').meta({ 'x-any': true }),
})
/** The reasoning of an earlier answer; chat templates omit it from later turns. */
const ReasoningItem = z.looseObject({ type: z.literal('reasoning') }).meta(REFUSED)

export const InputItem = z.union([MessageItem, FunctionCallItem, FunctionCallOutputItem, ReasoningItem])
export type InputItem = z.infer<typeof InputItem>
/** An item of a stored response. */
const ItemReference = z.looseObject({ type: z.literal('item_reference'), id: z.string() }).meta(REFUSED)
export const GivenItem = z.union([...InputItem.options, ItemReference])
export type GivenItem = z.infer<typeof GivenItem>
/** An object that is no part stands for its JSON text. */
const PastText = z.string().meta({ type: ['string', 'null', 'object'], not: { type: 'object', required: ['type'] } })
/** A message of a history, or the text of one: placeholders stand for its parts that are not text. */
const PastMessage = MessageItem.extend({
  type: z
    .enum(['message'])
    .default('message')
    .meta({ type: ['string', 'null'], enum: ['message', null] }),
  content: z.union([PastText, z.array(PastPart)]).default(''),
}).meta({ type: ['object', 'string'] })
/** An item that is added to a conversation. */
export const PastItem = z.union([PastMessage, FunctionCallItem, FunctionCallOutputItem, ReasoningItem, ItemReference])
/** An item of a stored conversation. */
export type ResponseItem = InputItem & { readonly id: string }

const FunctionTool = z.looseObject({
  type: z.literal('function'),
  name: z.string().min(1),
  description: z.string().nullish(),
  parameters: z.record(z.string(), z.unknown()).nullish(),
  strict: z.boolean().nullish(),
})

export const ResponseRequest = z.looseObject({
  model: z.string().min(1),
  /** May be omitted if the request continues from an earlier response. */
  input: z
    .union([z.string(), z.array(GivenItem).meta({ minItems: 1 }), z.null().meta(REFUSED)])
    .optional()
    .meta({ 'x-needed': true }),
  previous_response_id: z.string().nullish(),
  /** A conversation of /v1/conversations, by its id: the response continues it and is added to it. */
  conversation: z
    .union([z.string(), z.looseObject({ id: z.string() })])
    .nullish()
    .meta(REFUSED),
  /** Default: true. */
  store: z.boolean().nullish(),
  /** The response is generated even if its client disconnects; clients retrieve it by its id. It must be stored. */
  background: z.boolean().nullish(),
  include: z.array(z.string()).nullish(),
  top_logprobs: z.int().min(0).max(20).nullish(),
  instructions: z.string().nullish(),
  stream: z.boolean().nullish(),
  max_output_tokens: z.int().min(1).nullish(),
  stop: StopStrings.nullish(),
  temperature: z.number().min(0).max(5).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_k: z.int().min(-1).nullish(),
  min_p: z.number().min(0).max(1).nullish(),
  repetition_penalty: z.number().gt(0).max(100).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  seed: WireSeed.nullish(),
  ...tokenRuleFields,
  tools: z.array(FunctionTool).max(512).nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  reasoning: z.looseObject({ effort: ReasoningEffort.nullish().meta({ 'x-any': true }) }).nullish(),
  chat_template_kwargs: z.record(z.string(), z.unknown()).nullish(),
  /** Converts non-text content to text. */
  metadata: z.record(z.string(), z.string()).nullish().meta({ 'x-any': true }),
})
export type ResponseRequest = z.infer<typeof ResponseRequest>

export const ReasoningSummary = z.enum(['auto', 'concise', 'detailed'])
const ItemStatus = z.enum(['in_progress', 'completed', 'incomplete'])
const OutputText = z.strictObject({
  type: z.literal('output_text'),
  text: z.string(),
  annotations: z.array(z.never()),
  logprobs: z.array(ChatTokenLogprob),
})
export const OutputItem = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('reasoning'),
    id: z.string(),
    status: ItemStatus,
    summary: z.array(z.strictObject({ type: z.literal('summary_text'), text: z.string() })),
    content: z.array(z.strictObject({ type: z.literal('reasoning_text'), text: z.string() })),
  }),
  z.strictObject({
    type: z.literal('message'),
    id: z.string(),
    status: ItemStatus,
    role: z.literal('assistant'),
    content: z.array(OutputText),
  }),
  z.strictObject({
    type: z.literal('function_call'),
    id: z.string(),
    status: ItemStatus,
    call_id: z.string(),
    name: z.string(),
    arguments: z.string(),
  }),
])
export type OutputItem = z.infer<typeof OutputItem>

export const ResponseObject = z.strictObject({
  id: z.string(),
  object: z.literal('response'),
  created_at: z.int(),
  completed_at: z.int().nullable().default(null),
  /** `queued` and `failed`: in the background only. */
  status: z.enum(['queued', 'in_progress', 'completed', 'incomplete', 'cancelled', 'failed']),
  background: z.boolean(),
  error: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
  incomplete_details: z.strictObject({ reason: z.literal('max_output_tokens') }).nullable(),
  instructions: z.string().nullable(),
  max_output_tokens: z.int().nullable(),
  metadata: z.record(z.string(), z.string()),
  model: z.string(),
  output: z.array(OutputItem),
  parallel_tool_calls: z.boolean(),
  previous_response_id: z.string().nullable(),
  conversation: z.strictObject({ id: z.string() }).optional(),
  reasoning: z.strictObject({ effort: ReasoningEffort.nullable(), summary: ReasoningSummary.nullable() }),
  store: z.boolean(),
  temperature: z.number(),
  text: z.strictObject({ format: z.looseObject({ type: z.string() }) }),
  tool_choice: z.union([z.string(), z.looseObject({ type: z.string() })]),
  tools: z.array(FunctionTool),
  top_logprobs: z.int(),
  top_p: z.number(),
  presence_penalty: z.number().default(0),
  frequency_penalty: z.number().default(0),
  max_tool_calls: z.int().nullable().default(null),
  service_tier: z.literal('default').default('default'),
  safety_identifier: z.string().nullable().default(null),
  prompt_cache_key: z.string().nullable().default(null),
  user: z.string().nullable().default(null),
  truncation: z.literal('disabled'),
  usage: z
    .strictObject({
      input_tokens: z.int(),
      input_tokens_details: z.strictObject({ cached_tokens: z.int() }),
      output_tokens: z.int(),
      output_tokens_details: z.strictObject({ reasoning_tokens: z.int() }),
      total_tokens: z.int(),
    })
    .nullable(),
  timings: WireTimings.optional(),
})
export type ResponseObject = z.infer<typeof ResponseObject>

/** A page of the input items of a response. */
export const ResponseItemList = z.strictObject({
  object: z.literal('list'),
  data: z.array(z.looseObject({ id: z.string(), type: z.string() })),
  first_id: z.string().nullable(),
  last_id: z.string().nullable(),
  has_more: z.boolean(),
})
export type ResponseItemList = z.infer<typeof ResponseItemList>
