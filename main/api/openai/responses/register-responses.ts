import { z } from 'zod'
import { ErrorBody } from '../../../shared/wire/api/openai.ts'
import { ResponseObject, ResponseRequest } from '../../../shared/wire/api/openai-responses.ts'
import { ApiError } from '../../api-error.ts'
import type { ApiContext, ApiServer } from '../../api-server.ts'
import { chatParts } from '../../answer/chat-parts.ts'
import { countPromptTokens } from '../../prompt/count-prompt-tokens.ts'
import { eventStream } from '../../sending/event-stream.ts'
import { lenientResponse } from '../../lenient/lenient-response.ts'
import { sendStream } from '../../sending/send-stream.ts'
import { sendWhole } from '../../sending/send-whole.ts'
import type { ChatPart } from '../../answer/split-output.ts'
import type { RunningRequest } from '../../answer/running-requests.ts'
import { strictNames } from '../../form/strict-names.ts'
import type { ResponseItem } from '../../../shared/wire/api/openai-responses.ts'
import { addedItems, conversationBefore, namedConversation } from './conversation-items.ts'
import { registerConversations } from './register-conversations.ts'
import { StoredConversations } from './stored-conversations.ts'
import { registerStoredResponses } from './register-stored-responses.ts'
import { formatResponseError } from './format-response-error.ts'
import { makeInBackground, makeResponse, type ResponseMaking } from './make-response.ts'
import { ResponseFold } from './response-answer.ts'
import { ResponseLogs } from './response-logs.ts'
import { toResponseDemand, toResponseInference } from './response-request.ts'
import { storedItemsOf, StoredResponses } from './stored-responses.ts'

/** OpenAI's Responses API: responses are stored, and later ones can continue from them. */
export function registerResponses(server: ApiServer, context: ApiContext): void {
  const stored = new StoredResponses({ journal: context.responseJournal, now: () => context.clock.epochMs() })
  const logs = new ResponseLogs()
  const conversations = new StoredConversations({ journal: context.conversationJournal, now: () => context.clock.epochMs() })
  registerStoredResponses(server, context, stored, logs)
  registerConversations(server, context, conversations, stored)
  const earlierItems = (body: ResponseRequest, before: ReturnType<typeof conversationBefore>): readonly ResponseItem[] =>
    before === null ? (namedConversation(body, conversations)?.items ?? []) : storedItemsOf(before)

  server.post(
    '/v1/responses/input_tokens',
    {
      config: { lenient: lenientResponse },
      schema: {
        summary: "Count the tokens of a response's prompt",
        tags: ['openai'],
        body: ResponseRequest,
        response: {
          200: z.strictObject({ object: z.literal('response.input_tokens'), input_tokens: z.int() }),
          '4xx': ErrorBody,
          '5xx': ErrorBody,
        },
      },
    },
    async ({ body, id: httpId }, reply) => {
      const id = `count_${context.newId()}`
      const before = conversationBefore(body, stored)
      const earlier = earlierItems(body, before)
      const items = [...earlier, ...addedItems(body, earlier, stored, context.newId)]
      const { prompt, model } = toResponseInference(body, items, id)
      return context.run([id, httpId], reply, async (running, signal) => ({
        object: 'response.input_tokens' as const,
        input_tokens: await countPromptTokens(running, { requestId: id, model, prompt }, signal),
      }))
    },
  )

  server.post(
    '/v1/responses',
    {
      config: { lenient: lenientResponse },
      schema: {
        summary: 'Create a response, whole or as a stream of events',
        tags: ['openai'],
        body: ResponseRequest,
        response: { 200: ResponseObject, '4xx': ErrorBody, '5xx': ErrorBody },
      },
    },
    async (request, reply) => {
      const { body } = request
      const id = `resp_${context.newId()}`
      const before = conversationBefore(body, stored)
      const conversation = namedConversation(body, conversations)
      const earlier = earlierItems(body, before)
      const added = addedItems(body, earlier, stored, context.newId)
      const input = [...earlier, ...added]
      const inference = toResponseInference(body, input, id)
      const demand = await toResponseDemand(body)
      const strict = await strictNames(body.tools ?? [])
      const fold = new ResponseFold(body, { id, createdS: Math.floor(context.clock.epochMs() / 1000), newId: context.newId })
      const isBackground = body.background === true
      if (isBackground && body.store === false)
        throw new ApiError(400, 'invalid_value', "A background response must be stored: omit 'store' or 'background'.", {
          param: 'background',
        })
      const isStream = body.stream === true
      const partsOf = (running: RunningRequest, signal: AbortSignal): AsyncIterable<ChatPart> =>
        chatParts(
          running,
          inference,
          {
            parallelToolCalls: body.parallel_tool_calls !== false,
            newId: context.newId,
            demand,
            strict,
            tellsCalls: isStream,
          },
          signal,
        )
      const begin = (): ResponseMaking => {
        const hide = stored.show({ response: fold.response, input })
        const log = logs.begin(id)
        const keep = (): void => {
          const response = structuredClone(fold.response)
          if (body.store !== false) stored.keep(response, conversation === null ? added : input, before)
          const isAnswered = response.status === 'completed' || response.status === 'incomplete'
          if (conversation !== null && isAnswered) conversations.add(conversation.id, [...added, ...response.output])
        }
        const end = (): void => {
          log.end()
          hide()
          if (body.store === false) logs.remove(id)
        }
        return { fold, log, keep, end }
      }
      const stream = async (events: AsyncIterable<string>, signal: AbortSignal): Promise<typeof reply> => {
        await sendStream(
          reply,
          events,
          eventStream(context, body.model, signal, (error) => formatResponseError(error, logs.find(id)?.length ?? 0)),
        )
        return reply
      }
      if (isBackground) {
        context.runInBackground([id, request.id], reply, async (running, signal) => {
          await makeInBackground(partsOf(running, signal), begin())
        })
        const log = logs.find(id)
        if (!isStream || !log) return structuredClone(fold.response)
        return context.run([`follow_${context.newId()}`], reply, (_running, signal) => stream(log.follow(-1, signal), signal))
      }
      return context.run([id, request.id], reply, async (running, signal) => {
        const events = makeResponse(partsOf(running, signal), begin())
        return isStream ? stream(events, signal) : sendWhole(reply, wholeResponse(events, fold), context)
      })
    },
  )
}

async function wholeResponse(events: AsyncIterable<string>, fold: ResponseFold): Promise<ResponseObject> {
  for await (const event of events) void event
  return fold.response
}
