import { z } from 'zod'
import { AppError } from '../../shared/app-error.ts'
import { ErrorBody } from '../../shared/wire/openai.ts'
import { ResponseObject, ResponseRequest } from '../../shared/wire/openai-responses.ts'
import { errorBody } from '../api-error.ts'
import type { ApiContext, ApiServer } from '../api-server.ts'
import { chatParts } from '../chat-parts.ts'
import { countPromptTokens } from '../count-prompt-tokens.ts'
import { eventStream, formatEvent, formatProgress } from '../event-stream.ts'
import { lenientResponse } from '../lenient/lenient-response.ts'
import { sendStream } from '../send-stream.ts'
import { sendWhole } from '../send-whole.ts'
import type { ChatPart } from '../split-output.ts'
import { toApiError } from '../to-api-error.ts'
import { addedItems, conversationBefore } from './conversation-items.ts'
import { registerStoredResponses } from './register-stored-responses.ts'
import { ResponseFold } from './response-answer.ts'
import { toResponseDemand, toResponseInference } from './response-request.ts'
import { itemsOf, StoredResponses } from './stored-responses.ts'

/** OpenAI's newer API: responses are kept, and later ones go on from them. */
export function registerResponses(server: ApiServer, context: ApiContext): void {
  const stored = new StoredResponses()
  registerStoredResponses(server, context, stored)

  server.post(
    '/v1/responses/input_tokens',
    {
      config: { lenient: lenientResponse },
      schema: {
        summary: 'How many tokens the prompt of a response has',
        tags: ['openai'],
        body: ResponseRequest,
        response: { 200: z.strictObject({ object: z.literal('response.input_tokens'), input_tokens: z.int() }), '4xx': ErrorBody, '5xx': ErrorBody },
      },
    },
    async ({ body, id: httpId }, reply) => {
      const id = `count_${context.newId()}`
      const before = conversationBefore(body, stored)
      const items = [...(before === null ? [] : itemsOf(before)), ...addedItems(body, before, stored, context.newId)]
      const { prompt, model } = toResponseInference(body, items, id)
      return context.run([id, httpId], reply, async (running, signal) => ({ object: 'response.input_tokens' as const, input_tokens: await countPromptTokens(running, { requestId: id, model, prompt }, signal) }))
    },
  )

  server.post(
    '/v1/responses',
    {
      config: { lenient: lenientResponse },
      schema: {
        summary: 'Answer a conversation, whole or as a stream of events',
        tags: ['openai'],
        body: ResponseRequest,
        response: { 200: ResponseObject, '4xx': ErrorBody, '5xx': ErrorBody },
      },
    },
    async (request, reply) => {
      const { body } = request
      const id = `resp_${context.newId()}`
      const before = conversationBefore(body, stored)
      const added = addedItems(body, before, stored, context.newId)
      const input = [...(before === null ? [] : itemsOf(before)), ...added]
      const inference = toResponseInference(body, input, id)
      const demand = toResponseDemand(body)
      const fold = new ResponseFold(body, { id, createdS: Math.floor(context.clock.now() / 1000), newId: context.newId })
      return context.run([id, request.id], reply, async (running, signal) => {
        const parts = chatParts(running, inference, { parallelToolCalls: body.parallel_tool_calls !== false, newId: context.newId, demand, tellsCalls: body.stream === true }, signal)
        const keep = (): void => {
          if (body.store !== false) stored.keep(structuredClone(fold.response), added, before)
        }
        const hide = stored.show({ response: fold.response, input })
        const collect = async (): Promise<ResponseObject> => {
          try {
            const response = await collectResponse(parts, fold)
            keep()
            return response
          } finally {
            hide()
          }
        }
        if (body.stream !== true) return sendWhole(reply, collect(), context)
        let sequence = 0
        const formatError = (error: unknown): string => {
          const { code, message, param } = toApiError(error)
          // The fields by themselves are as documented; clients look for them under `error`.
          return formatEvent({ type: 'error', code, message, param, sequence_number: sequence, ...errorBody(toApiError(error)) }, 'error')
        }
        const toEvents = async function* (): AsyncGenerator<string> {
          for await (const part of parts) {
            if (part.type === 'prefill-progress') yield formatProgress(part)
            const events = fold.add(part)
            // Before its last event: the client's next request may go on from it.
            if (part.type === 'inference-end') keep()
            for (const event of events) yield formatEvent({ ...event, sequence_number: sequence++ }, event.type)
          }
        }
        try {
          await sendStream(reply, toEvents(), eventStream(context, body.model, signal, formatError))
        } finally {
          hide()
        }
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
