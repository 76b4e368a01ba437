import { z } from 'zod'
import { ErrorBody } from '../../../shared/wire/api/openai.ts'
import { ResponseItemList, ResponseObject } from '../../../shared/wire/api/openai-responses.ts'
import { ApiError } from '../../api-error.ts'
import type { ApiContext, ApiServer } from '../../api-server.ts'
import { eventStream } from '../../sending/event-stream.ts'
import { sendStream } from '../../sending/send-stream.ts'
import { formatResponseError } from './format-response-error.ts'
import type { ResponseLogs } from './response-logs.ts'
import { itemPage, ItemPageQuery } from './item-page.ts'
import type { StoredResponse, StoredResponses } from './stored-responses.ts'

const tags = ['openai']
const failures = { '4xx': ErrorBody, '5xx': ErrorBody }
const params = z.object({ id: z.string() })

/** The routes for responses that this node has stored or is generating. */
export function registerStoredResponses(server: ApiServer, context: ApiContext, stored: StoredResponses, logs: ResponseLogs): void {
  const notFound = (id: string): ApiError =>
    new ApiError(
      404,
      'response_not_found',
      `Response with id '${id}' not found. This node keeps stored responses for 30 days, or until newer ones need the space.`,
      { param: 'id' },
    )
  const find = (id: string): StoredResponse => {
    const found = stored.find(id)
    if (!found) throw notFound(id)
    return found
  }

  server.get(
    '/v1/responses/:id',
    {
      schema: {
        summary: 'A stored or running response, whole or as a stream of events, optionally from a given event on',
        tags,
        params,
        querystring: z.looseObject({
          stream: z.enum(['true', 'false']).optional(),
          starting_after: z
            .string()
            .regex(/^\d{1,9}$/)
            .optional(),
        }),
        response: { 200: ResponseObject, ...failures },
      },
    },
    async ({ params: { id }, query }, reply) => {
      const { response } = find(id)
      if (query.stream !== 'true') return response
      const log = logs.find(id)
      if (!log)
        throw new ApiError(
          400,
          'invalid_value',
          "The events of this response are no longer available. Omit 'stream' to get the whole response.",
          {
            param: 'stream',
          },
        )
      return context.run([`follow_${context.newId()}`], reply, async (_running, signal) => {
        await sendStream(
          reply,
          log.follow(Number(query.starting_after ?? -1), signal),
          eventStream(context, response.model, signal, (error) => formatResponseError(error, log.length)),
        )
        return reply
      })
    },
  )

  server.delete(
    '/v1/responses/:id',
    {
      schema: {
        summary: 'Delete a response; later responses of its conversation stay',
        tags,
        params,
        response: { 200: z.strictObject({ id: z.string(), object: z.literal('response'), deleted: z.literal(true) }), ...failures },
      },
    },
    async ({ params: { id } }) => {
      if (!stored.remove(id)) throw notFound(id)
      logs.remove(id)
      return { id, object: 'response' as const, deleted: true as const }
    },
  )

  server.get(
    '/v1/responses/:id/input_items',
    {
      schema: {
        summary: 'The input items of a response, newest first',
        tags,
        params,
        querystring: ItemPageQuery,
        response: { 200: ResponseItemList, ...failures },
      },
    },
    async ({ params: { id }, query }) => itemPage(find(id).input, query),
  )

  server.post(
    '/v1/responses/:id/cancel',
    {
      schema: {
        summary: 'Cancel a running response; a finished one stays as it is',
        tags,
        params,
        response: { 200: ResponseObject, ...failures },
      },
    },
    async ({ params: { id } }) => {
      const { response } = find(id)
      if (response.status !== 'in_progress' && response.status !== 'queued') return response
      context.cancel(id)
      const output = response.output.map((item) => (item.status === 'in_progress' ? { ...item, status: 'incomplete' as const } : item))
      return { ...response, status: 'cancelled' as const, output }
    },
  )
}
