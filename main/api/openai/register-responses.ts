import { AppError } from '../../shared/app-error.ts'
import { ErrorBody } from '../../shared/wire/openai.ts'
import { ResponseObject, ResponseRequest } from '../../shared/wire/openai-responses.ts'
import { errorBody } from '../api-error.ts'
import type { ApiContext, ApiServer } from '../api-server.ts'
import { chatParts } from '../chat-parts.ts'
import { eventStream, formatEvent, formatProgress } from '../event-stream.ts'
import { lenientResponse } from '../lenient/lenient-response.ts'
import { sendStream } from '../send-stream.ts'
import type { ChatPart } from '../split-output.ts'
import { toApiError } from '../to-api-error.ts'
import { ResponseFold } from './response-answer.ts'
import { toResponseDemand, toResponseInference } from './response-request.ts'

/** OpenAI's newer API. Responses are not stored: clients send the whole conversation each time. */
export function registerResponses(server: ApiServer, context: ApiContext): void {
  server.post(
    '/v1/responses',
    {
      config: { lenient: lenientResponse },
      schema: {
        summary: 'Answer a conversation, whole or as a stream of events; nothing is stored',
        tags: ['openai'],
        body: ResponseRequest,
        response: { 200: ResponseObject, '4xx': ErrorBody, '5xx': ErrorBody },
      },
    },
    async (request, reply) => {
      const { body } = request
      const id = `resp_${context.newId()}`
      const inference = toResponseInference(body, id)
      const demand = toResponseDemand(body)
      const fold = new ResponseFold(body, { id, createdS: Math.floor(context.clock.now() / 1000), newId: context.newId })
      return context.run([id, request.id], reply, async (running, signal) => {
        const parts = chatParts(running, inference, { parallelToolCalls: body.parallel_tool_calls !== false, newId: context.newId, demand }, signal)
        if (body.stream !== true) return collectResponse(parts, fold)
        let sequence = 0
        const formatError = (error: unknown): string => {
          const { code, message, param } = toApiError(error)
          // The fields by themselves are as documented; clients look for them under `error`.
          return formatEvent({ type: 'error', code, message, param, sequence_number: sequence, ...errorBody(toApiError(error)) }, 'error')
        }
        const toEvents = async function* (): AsyncGenerator<string> {
          for await (const part of parts) {
            if (part.type === 'prefill-progress') yield formatProgress(part)
            for (const event of fold.add(part)) yield formatEvent({ ...event, sequence_number: sequence++ }, event.type)
          }
        }
        await sendStream(reply, toEvents(), eventStream(context, signal, formatError))
        return reply
      })
    },
  )
}

async function collectResponse(parts: AsyncIterable<ChatPart>, fold: ResponseFold): Promise<ResponseObject> {
  for await (const part of parts) fold.add(part)
  if (fold.response.status === 'in_progress') throw new AppError('instance-failed', 'The answer ended before it was whole.')
  return fold.response
}
