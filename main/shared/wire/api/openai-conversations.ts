import { z } from 'zod'
import { PastItem } from './openai-responses.ts'

const Metadata = z.record(z.string(), z.string())
/** OpenAI's limit for one request. */
const SomeItems = z.array(PastItem).max(20)

export const ConversationRequest = z.looseObject({ items: SomeItems.nullish(), metadata: Metadata.nullish().meta({ 'x-any': true }) })
export const ConversationPatch = z.looseObject({ metadata: Metadata.nullish().meta({ 'x-any': true }) })
export const ConversationItems = z.looseObject({ items: SomeItems })

export const ConversationObject = z.strictObject({
  id: z.string(),
  object: z.literal('conversation'),
  created_at: z.int(),
  metadata: Metadata,
})
export type ConversationObject = z.infer<typeof ConversationObject>

export const DeletedConversation = z.strictObject({ id: z.string(), object: z.literal('conversation.deleted'), deleted: z.literal(true) })
