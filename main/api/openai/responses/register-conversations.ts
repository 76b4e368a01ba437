import { z } from 'zod'
import { ErrorBody } from '../../../shared/wire/api/openai.ts'
import {
  ConversationItems,
  ConversationObject,
  ConversationPatch,
  ConversationRequest,
  DeletedConversation,
} from '../../../shared/wire/api/openai-conversations.ts'
import { ResponseItemList } from '../../../shared/wire/api/openai-responses.ts'
import { ApiError } from '../../api-error.ts'
import type { ApiContext, ApiServer } from '../../api-server.ts'
import { lenientConversation } from '../../lenient/lenient-response.ts'
import { givenItems } from './conversation-items.ts'
import { conversationFull, conversationNotFound } from './conversation-not-found.ts'
import { itemPage, ItemPageQuery } from './item-page.ts'
import type { Conversation, StoredConversations } from './stored-conversations.ts'
import type { StoredResponses } from './stored-responses.ts'

const tags = ['openai']
const failures = { '4xx': ErrorBody, '5xx': ErrorBody }
const params = z.object({ id: z.string() })
const itemParams = z.object({ id: z.string(), itemId: z.string() })
const Item = z.looseObject({ id: z.string(), type: z.string() })

const toObject = ({ id, createdS, metadata }: Conversation): ConversationObject => ({
  id,
  object: 'conversation',
  created_at: createdS,
  metadata: { ...metadata },
})

/** The routes of OpenAI's Conversations API, for conversations that responses continue. */
export function registerConversations(
  server: ApiServer,
  context: ApiContext,
  conversations: StoredConversations,
  stored: StoredResponses,
): void {
  const find = (id: string): Conversation => {
    const found = conversations.find(id)
    if (!found) throw conversationNotFound(id)
    return found
  }
  const findItem = (id: string, itemId: string): Conversation['items'][number] => {
    const item = find(id).items.find((candidate) => candidate.id === itemId)
    if (item) return item
    throw new ApiError(404, 'item_not_found', `Item with id '${itemId}' not found in this conversation.`, { param: 'item_id' })
  }
  const config = { lenient: lenientConversation }
  const route = '/v1/conversations'

  server.post(
    route,
    {
      config,
      schema: { summary: 'Create a conversation', tags, body: ConversationRequest, response: { 200: ConversationObject, ...failures } },
    },
    async ({ body }) => {
      const items = givenItems(body.items ?? [], [], stored, context.newId)
      const createdS = Math.floor(context.clock.epochMs() / 1000)
      const conversation = { id: `conv_${context.newId()}`, createdS, metadata: body.metadata ?? {}, items }
      conversations.create(conversation)
      return toObject(conversation)
    },
  )

  server.get(
    `${route}/:id`,
    { schema: { summary: 'A conversation', tags, params, response: { 200: ConversationObject, ...failures } } },
    async ({ params: { id } }) => toObject(find(id)),
  )

  server.post(
    `${route}/:id`,
    {
      config,
      schema: {
        summary: "Replace a conversation's metadata",
        tags,
        params,
        body: ConversationPatch,
        response: { 200: ConversationObject, ...failures },
      },
    },
    async ({ params: { id }, body }) => {
      const found = find(id)
      if (body.metadata) conversations.setMetadata(id, body.metadata)
      return toObject(conversations.find(id) ?? found)
    },
  )

  server.delete(
    `${route}/:id`,
    { schema: { summary: 'Delete a conversation', tags, params, response: { 200: DeletedConversation, ...failures } } },
    async ({ params: { id } }) => {
      if (!conversations.remove(id)) throw conversationNotFound(id)
      return { id, object: 'conversation.deleted' as const, deleted: true as const }
    },
  )

  server.post(
    `${route}/:id/items`,
    {
      config,
      schema: {
        summary: 'Add items to a conversation',
        tags,
        params,
        body: ConversationItems,
        response: { 200: ResponseItemList, ...failures },
      },
    },
    async ({ params: { id }, body }) => {
      if (conversations.isFull(id)) throw conversationFull(id)
      const items = givenItems(body.items, find(id).items, stored, context.newId)
      conversations.add(id, items)
      return itemPage(items, { limit: 100, order: 'asc', after: undefined, before: undefined })
    },
  )

  server.get(
    `${route}/:id/items`,
    {
      schema: {
        summary: 'The items of a conversation, newest first',
        tags,
        params,
        querystring: ItemPageQuery,
        response: { 200: ResponseItemList, ...failures },
      },
    },
    async ({ params: { id }, query }) => itemPage(find(id).items, query),
  )

  server.get(
    `${route}/:id/items/:itemId`,
    { schema: { summary: 'An item of a conversation', tags, params: itemParams, response: { 200: Item, ...failures } } },
    async ({ params: { id, itemId } }) => findItem(id, itemId),
  )

  server.delete(
    `${route}/:id/items/:itemId`,
    {
      schema: {
        summary: 'Remove an item from a conversation',
        tags,
        params: itemParams,
        response: { 200: ConversationObject, ...failures },
      },
    },
    async ({ params: { id, itemId } }) => {
      findItem(id, itemId)
      conversations.removeItem(id, itemId)
      return toObject(find(id))
    },
  )
}
