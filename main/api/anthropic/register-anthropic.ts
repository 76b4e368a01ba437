import { z } from 'zod'
import { AppError } from '../../shared/app-error.ts'
import { AnthropicAnswer, AnthropicError, CountTokensRequest, MessagesRequest } from '../../shared/wire/api/anthropic.ts'
import type { ApiContext, ApiServer } from '../api-server.ts'
import { chatParts } from '../answer/chat-parts.ts'
import { countPromptTokens } from '../prompt/count-prompt-tokens.ts'
import { eventStream, formatEvent, formatProgress } from '../sending/event-stream.ts'
import { lenientMessages } from '../lenient/lenient-messages.ts'
import { sendStream } from '../sending/send-stream.ts'
import { sendWhole } from '../sending/send-whole.ts'
import type { ChatPart } from '../answer/split-output.ts'
import { strictNames } from '../form/strict-names.ts'
import { toApiError } from '../to-api-error.ts'
import { waitingComment } from '../sending/waiting-comment.ts'
import { anthropicError } from './anthropic-error.ts'
import { MessagesFold } from './messages-answer.ts'
import { toMessagesDemand, toMessagesInference, toMessagesPrompt } from './messages-request.ts'

const failures = { '4xx': AnthropicError, '5xx': AnthropicError }
const config = { lenient: lenientMessages }
const PING = formatEvent({ type: 'ping' }, 'ping')

/** The routes of Anthropic's API. */
export function registerAnthropic(server: ApiServer, context: ApiContext): void {
  const formatError = (error: unknown): string => formatEvent(anthropicError(toApiError(error)), 'error')

  server.post(
    '/v1/messages',
    {
      config,
      schema: {
        summary: 'Create a message (Anthropic)',
        tags: ['anthropic'],
        body: MessagesRequest,
        response: { 200: AnthropicAnswer, ...failures },
      },
    },
    async (request, reply) => {
      const { body } = request
      const id = `msg_${context.newId()}`
      const inference = toMessagesInference(body, id)
      const demand = await toMessagesDemand(body)
      const strict = await strictNames(body.tools ?? [])
      const fold = new MessagesFold({
        id,
        withThinking: body.thinking !== null && body.thinking !== undefined && body.thinking.type !== 'disabled',
      })
      return context.run([id, request.id], reply, async (running, signal) => {
        const parallelToolCalls = body.tool_choice?.disable_parallel_tool_use !== true
        const parts = chatParts(
          running,
          inference,
          { parallelToolCalls, newId: context.newId, demand, strict, tellsCalls: body.stream === true },
          signal,
        )
        if (body.stream !== true) return sendWhole(reply, collectMessage(parts, fold), context)
        await sendStream(
          reply,
          toEvents(parts, fold),
          eventStream(context, body.model, signal, formatError, () => waitingComment(context.cluster.state(), body.model) + PING),
        )
        return reply
      })
    },
  )

  server.post(
    '/v1/messages/count_tokens',
    {
      config,
      schema: {
        summary: 'Count the tokens of a prompt',
        tags: ['anthropic'],
        body: CountTokensRequest,
        response: { 200: z.strictObject({ input_tokens: z.int() }), ...failures },
      },
    },
    async (request, reply) => {
      const id = `count_${context.newId()}`
      const prompt = toMessagesPrompt(request.body)
      return context.run([id, request.id], reply, async (running, signal) => {
        const count = async (): Promise<{ input_tokens: number }> => ({
          input_tokens: await countPromptTokens(running, { requestId: id, model: request.body.model, prompt }, signal),
        })
        return sendWhole(reply, count(), context)
      })
    },
  )
}

async function* toEvents(parts: AsyncIterable<ChatPart>, fold: MessagesFold): AsyncGenerator<string> {
  for await (const part of parts) {
    if (part.type === 'prefill-progress') yield formatProgress(part)
    for (const event of fold.add(part)) yield formatEvent(event, event.type)
  }
}

async function collectMessage(parts: AsyncIterable<ChatPart>, fold: MessagesFold): Promise<AnthropicAnswer> {
  for await (const part of parts) fold.add(part)
  if (!fold.isComplete) throw new AppError('instance-failed', 'The answer ended early.')
  return fold.answer
}
