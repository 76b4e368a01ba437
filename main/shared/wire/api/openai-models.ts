import { z } from 'zod'
import { ModelCapability } from '../../models/model-capability.ts'

/** One object for all clients: OpenAI's fields, Anthropic's, and the names under which tools look for the context length. */
export const WireModel = z.strictObject({
  id: z.string(),
  object: z.literal('model'),
  type: z.literal('model'),
  display_name: z.string(),
  created_at: z.string(),
  created: z.int(),
  owned_by: z.string(),
  aliases: z.array(z.string()),
  loaded: z.boolean(),
  /** null if the model's card is unknown. */
  context_tokens: z.int().nullable(),
  context_length: z.int().nullable(),
  context_window: z.int().nullable(),
  max_model_len: z.int().nullable(),
  max_context_length: z.int().nullable(),
  max_input_tokens: z.int().nullable(),
  max_tokens: z.int().nullable(),
  state: z.enum(['loaded', 'loading', 'not-loaded']),
  capabilities: z.array(ModelCapability),
  meta: z.strictObject({ n_ctx_train: z.int().nullable() }),
})
export type WireModel = z.infer<typeof WireModel>
/** `models` is Codex's catalogue; `first_id` and the fields after it are Anthropic's. */
export const WireModelList = z.strictObject({
  object: z.literal('list'),
  data: z.array(WireModel),
  models: z.array(z.looseObject({ slug: z.string() })),
  first_id: z.string().nullable(),
  last_id: z.string().nullable(),
  has_more: z.literal(false),
})
