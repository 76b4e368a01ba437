import { z } from 'zod'
import { ErrorBody } from '../../shared/wire/openai.ts'
import { ResponseItemList, ResponseObject } from '../../shared/wire/openai-responses.ts'
import { ApiError } from '../api-error.ts'
import type { ApiContext, ApiServer } from '../api-server.ts'
import { itemPage, ItemPageQuery } from './item-page.ts'
import type { StoredResponse, StoredResponses } from './stored-responses.ts'

const tags = ['openai']
const failures = { '4xx': ErrorBody, '5xx': ErrorBody }
const params = z.object({ id: z.string() })

/** What clients ask of responses that this node keeps, or makes. */
export function registerStoredResponses(server: ApiServer, context: ApiContext, stored: StoredResponses): void {
  const notFound = (id: string): ApiError => new ApiError(404, 'response_not_found', `Response with id '${id}' not found. This node keeps responses with store true, in its memory, until it stops or newer ones need the room.`, { param: 'id' })
  const find = (id: string): StoredResponse => {
    const found = stored.find(id)
    if (!found) throw notFound(id)
    return found
  }

  server.get(
    '/v1/responses/:id',
    { schema: { summary: 'A response that this node keeps or makes', tags, params, querystring: z.looseObject({ stream: z.enum(['true', 'false']).optional() }), response: { 200: ResponseObject, ...failures } } },
    async ({ params: { id }, query }) => {
      const { response } = find(id)
      if (query.stream === 'true') throw new ApiError(400, 'unsupported_parameter', "This node streams a response only while it makes it, to the request that asked for it. Leave out 'stream' to get it whole.", { param: 'stream' })
      return response
    },
  )

  server.delete(
    '/v1/responses/:id',
    { schema: { summary: 'Forget a response; later ones of its conversation stay', tags, params, response: { 200: z.strictObject({ id: z.string(), object: z.literal('response'), deleted: z.literal(true) }), ...failures } } },
    async ({ params: { id } }) => {
      if (!stored.remove(id)) throw notFound(id)
      return { id, object: 'response' as const, deleted: true as const }
    },
  )

  server.get(
    '/v1/responses/:id/input_items',
    { schema: { summary: 'What the model of a response was given, newest first', tags, params, querystring: ItemPageQuery, response: { 200: ResponseItemList, ...failures } } },
    async ({ params: { id }, query }) => itemPage(find(id).input, query),
  )

  server.post(
    '/v1/responses/:id/cancel',
    { schema: { summary: 'End a response that is being made; one that is whole stays as it is', tags, params, response: { 200: ResponseObject, ...failures } } },
    async ({ params: { id } }) => {
      const { response } = find(id)
      if (response.status !== 'in_progress') return response
      context.cancel(id)
      const output = response.output.map((item) => (item.status === 'in_progress' ? { ...item, status: 'incomplete' as const } : item))
      return { ...response, status: 'cancelled' as const, output }
    },
  )
}
