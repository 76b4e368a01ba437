import { z } from 'zod'
import { WireTimings } from './openai.ts'
import { REFUSED } from './refused.ts'

const TextBlock = z.looseObject({ type: z.literal('text'), text: z.string() })
/** Other kinds of block are refused by name, after parsing. */
const otherThan = (...known: readonly string[]) =>
  z.looseObject({ type: z.string().refine((type) => !known.includes(type), { abort: true }) }).meta(REFUSED)
const OtherBlock = otherThan('text', 'tool_use', 'tool_result')
const TextContent = z.union([z.string(), z.array(z.union([TextBlock, OtherBlock]))])
export type TextContent = z.infer<typeof TextContent>

const ToolUseBlock = z.looseObject({
  type: z.literal('tool_use'),
  id: z.string(),
  name: z.string(),
  input: z.record(z.string(), z.unknown()),
})
const ToolResultBlock = z.looseObject({ type: z.literal('tool_result'), tool_use_id: z.string(), content: TextContent.nullish() })
const UserBlock = z.union([TextBlock, ToolResultBlock, otherThan('text', 'tool_result')])
const AssistantBlock = z.union([TextBlock, ToolUseBlock, otherThan('text', 'tool_use')])
export type ContentBlock = z.infer<typeof UserBlock> | z.infer<typeof AssistantBlock>

export const AnthropicMessage = z.discriminatedUnion('role', [
  z.looseObject({ role: z.literal('user'), content: z.union([z.string(), z.array(UserBlock)]) }),
  z.looseObject({ role: z.literal('assistant'), content: z.union([z.string(), z.array(AssistantBlock)]) }),
])
export type AnthropicMessage = z.infer<typeof AnthropicMessage>

const Tool = z.looseObject({
  type: z.literal('custom').nullish(),
  name: z.string().min(1),
  description: z.string().nullish(),
  input_schema: z.record(z.string(), z.unknown()),
  strict: z.boolean().nullish(),
})

const promptFields = {
  model: z.string().min(1),
  messages: z
    .array(AnthropicMessage)
    .min(1)
    .meta({ contains: { type: 'object', required: ['role'], properties: { role: { const: 'user' } } } }),
  system: TextContent.nullish(),
  tools: z.array(Tool).max(512).nullish(),
  /** `auto` or `none`; with tools also `any`, or `tool` with its name. */
  tool_choice: z
    .looseObject({ type: z.string().meta({ enum: ['auto', 'none'] }), disable_parallel_tool_use: z.boolean().nullish() })
    .nullish(),
  /** Whether the model thinks depends on the chat template, and how much depends on the model: `budget_tokens` is not enforced. */
  thinking: z.looseObject({ type: z.enum(['enabled', 'adaptive', 'disabled']) }).nullish(),
}

export const CountTokensRequest = z.looseObject(promptFields)
export type CountTokensRequest = z.infer<typeof CountTokensRequest>

export const MessagesRequest = z.looseObject({
  ...promptFields,
  max_tokens: z.int().min(1),
  stop_sequences: z.array(z.string().min(1)).max(256).nullish(),
  stream: z.boolean().nullish(),
  temperature: z.number().min(0).max(5).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_k: z.int().min(0).nullish(),
})
export type MessagesRequest = z.infer<typeof MessagesRequest>

export const AnswerBlock = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('thinking'), thinking: z.string(), signature: z.string() }),
  z.strictObject({ type: z.literal('text'), text: z.string() }),
  z.strictObject({ type: z.literal('tool_use'), id: z.string(), name: z.string(), input: z.record(z.string(), z.unknown()) }),
])
export type AnswerBlock = z.infer<typeof AnswerBlock>

const AnthropicUsage = z.strictObject({
  /** Without tokens taken from the prefix cache. */
  input_tokens: z.int(),
  output_tokens: z.int(),
  cache_creation_input_tokens: z.int(),
  cache_read_input_tokens: z.int(),
})
export type AnthropicUsage = z.infer<typeof AnthropicUsage>

export const AnthropicAnswer = z.strictObject({
  id: z.string(),
  type: z.literal('message'),
  role: z.literal('assistant'),
  model: z.string(),
  content: z.array(AnswerBlock),
  stop_reason: z.enum(['end_turn', 'max_tokens', 'stop_sequence', 'tool_use', 'cancelled']).nullable(),
  stop_sequence: z.string().nullable(),
  usage: AnthropicUsage,
  timings: WireTimings.optional(),
})
export type AnthropicAnswer = z.infer<typeof AnthropicAnswer>

const Support = z.strictObject({ supported: z.boolean() })

/** A model in the format of Anthropic's API. */
export const AnthropicModel = z.strictObject({
  type: z.literal('model'),
  id: z.string(),
  display_name: z.string(),
  created_at: z.string(),
  deprecated_at: z.null(),
  lifecycle: z.literal('active'),
  line: z.null(),
  retires_at: z.null(),
  max_input_tokens: z.int().nullable(),
  max_tokens: z.int().nullable(),
  capabilities: z.strictObject({
    batch: Support,
    citations: Support,
    code_execution: Support,
    context_management: Support.extend({
      clear_thinking_20251015: z.null(),
      clear_tool_uses_20250919: z.null(),
      compact_20260112: z.null(),
    }),
    effort: Support.extend({ low: Support, medium: Support, high: Support, max: Support, xhigh: z.null() }),
    image_input: Support,
    pdf_input: Support,
    server_tools: Support.extend({ code_execution: Support, web_search: Support }),
    structured_outputs: Support,
    thinking: Support.extend({ types: z.strictObject({ adaptive: Support, between_tools: Support, disabled: Support, enabled: Support }) }),
  }),
})
export type AnthropicModel = z.infer<typeof AnthropicModel>
export const AnthropicModelList = z.strictObject({
  data: z.array(AnthropicModel),
  first_id: z.string().nullable(),
  last_id: z.string().nullable(),
  has_more: z.literal(false),
})

/** OpenAI's format within Anthropic's, for clients of either. */
export const AnthropicError = z.strictObject({
  type: z.literal('error'),
  error: z.strictObject({ type: z.string(), message: z.string(), param: z.string().nullable(), code: z.string().nullable() }),
  request_id: z.string().optional(),
})
export type AnthropicError = z.infer<typeof AnthropicError>
