import type { GivenItem, InputItem, ItemContent, ResponseItem, ResponseRequest } from '../../../shared/wire/api/openai-responses.ts'
import { ApiError } from '../../api-error.ts'
import { conversationFull, conversationNotFound } from './conversation-not-found.ts'
import type { Conversation, StoredConversations } from './stored-conversations.ts'
import type { StoredConversation, StoredResponses } from './stored-responses.ts'

/** The conversation that a request continues. @throws ApiError 404 if it is not stored */
export function conversationBefore(
  { previous_response_id: id, conversation: named }: ResponseRequest,
  stored: StoredResponses,
): StoredConversation | null {
  if (id === undefined || id === null) return null
  if (named !== undefined && named !== null)
    throw new ApiError(400, 'invalid_value', "Send either 'conversation' or 'previous_response_id', not both.", { param: 'conversation' })
  const conversation = stored.conversationOf(id)
  if (conversation) return conversation
  throw new ApiError(
    404,
    'previous_response_not_found',
    `Previous response with id '${id}' not found. This node keeps stored responses for 30 days, or until ` +
      "newer ones need the space. Send the whole conversation as 'input' instead.",
    {
      param: 'previous_response_id',
    },
  )
}

/**
 * The conversation that a request names; null: none.
 *
 * @throws ApiError 404 if it is not stored
 */
export function namedConversation(body: ResponseRequest, conversations: StoredConversations): Conversation | null {
  const { conversation: given } = body
  if (given === undefined || given === null) return null
  const id = typeof given === 'string' ? given : given.id
  const found = conversations.find(id)
  if (!found) throw conversationNotFound(id)
  if (conversations.isFull(id)) throw conversationFull(id)
  return found
}

const PREFIXES = { message: 'msg', function_call: 'fc', function_call_output: 'fco', reasoning: 'rs' } as const

function toParts(content: ItemContent, role: string): ItemContent {
  const type = role === 'assistant' ? 'output_text' : 'input_text'
  if (typeof content === 'string') return [{ type, text: content }]
  return content.map((part): typeof part =>
    part.type === 'text' && typeof part['text'] === 'string' ? { ...part, type, text: part['text'] } : part,
  )
}

/** An item as clients read it back: with an id, and with its text as parts. */
function withId(item: InputItem, newId: () => string): ResponseItem {
  const id = typeof item['id'] === 'string' ? item['id'] : `${PREFIXES[item.type]}_${newId()}`
  if (item.type === 'reasoning') return { ...item, id }
  if (item.type === 'message') return { status: 'completed', ...item, content: toParts(item.content, item.role), id }
  return { status: 'completed', ...item, id }
}

/**
 * The items that a request adds to the earlier conversation.
 *
 * @param known - the items of that conversation
 * @throws ApiError 400 for a reference to an item that is not stored
 */
export function addedItems(
  { input }: ResponseRequest,
  known: readonly ResponseItem[],
  stored: StoredResponses,
  newId: () => string,
): ResponseItem[] {
  return givenItems(typeof input === 'string' ? [{ type: 'message', role: 'user', content: input }] : (input ?? []), known, stored, newId)
}

/**
 * Items with their ids; references are replaced by the items that they name.
 *
 * @param known - the items of the conversation, which are not repeated
 * @throws ApiError 400 for a reference to an item that is not stored
 */
export function givenItems(
  given: readonly GivenItem[],
  known: readonly ResponseItem[],
  stored: StoredResponses,
  newId: () => string,
): ResponseItem[] {
  return given.flatMap((item): ResponseItem[] => {
    if (item.type !== 'item_reference') return [withId(item, newId)]
    if (known.some(({ id }) => id === item.id)) return []
    const found = stored.findItem(item.id)
    if (found) return [found]
    throw new ApiError(
      400,
      'item_not_found',
      `Item with id '${item.id}' not found on this node. Send the item itself, or set store to false in the client.`,
      { param: 'input' },
    )
  })
}
