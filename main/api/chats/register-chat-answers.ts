import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { AppError } from '../../shared/app-error.ts'
import { resumed, withKeptAnswer, withMessage, withNewAnswer, withOtherAnswer, withQuestion } from '../../shared/chats/chat-changes.ts'
import { type Chat, ChatId, MOST_MESSAGES, StoredMessage } from '../../shared/chats/chat.ts'
import { AnswerRequest, AnswerTokens, ChatChange, QuestionRequest } from '../../shared/wire/api/chats.ts'
import type { ApiContext, ApiServer } from '../api-server.ts'
import { formatDataError } from '../openai/data-events.ts'
import { eventStream, formatEvent } from '../sending/event-stream.ts'
import { sendStream } from '../sending/send-stream.ts'
import { beginAnswer } from './begin-answer.ts'
import { chatFailures, chatTags, OfChat } from './chat-routes.ts'
import { findMessage, messageNotFound } from './find-message.ts'
import { scoreAnswer } from './score-answer.ts'
import { toChange } from './to-change.ts'

const OfMessage = OfChat.extend({ messageId: ChatId })

/** Questions and answers in a chat. An answer is generated in the background, and pages follow it. */
export function registerChatAnswers(server: ApiServer, context: ApiContext): void {
  const { newId } = context
  const now = (): number => context.clock.epochMs()

  /** Changes a chat so that these answers stream, and generates them. */
  async function ask(
    id: string,
    messageIds: readonly string[],
    request: FastifyRequest,
    reply: FastifyReply,
    next: (chat: Chat) => Chat,
  ): Promise<ChatChange> {
    context.refuseMoreInBackground()
    const before = await context.chats.book.read(id)
    const changed = await context.chats.book.change(id, next)
    for (const messageId of messageIds) beginAnswer(context, changed, messageId, request, reply)
    const known = new Map(before.messages.map((message) => [message.id, message.status]))
    return toChange(
      changed,
      changed.messages.filter((message) => known.get(message.id) !== message.status),
    )
  }

  server.post(
    '/chats/:id/questions',
    {
      schema: {
        summary: 'Ask in a chat. A question with the parent of another is a new version of it',
        tags: chatTags,
        params: OfChat,
        body: QuestionRequest,
        response: { 200: ChatChange, ...chatFailures },
      },
    },
    async (request, reply) => {
      const { text, attachments, parentId, modelId, otherModelId } = request.body
      const [questionId, answerId, otherId, atMs] = [newId(), newId(), newId(), now()]
      return ask(request.params.id, otherModelId === null ? [answerId] : [answerId, otherId], request, reply, (chat) => {
        if (parentId !== null) refuseUnlessAnswered(context, findMessage(chat, parentId))
        refuseMoreMessages(chat)
        const asked = withQuestion(chat, { id: questionId, atMs, text, attachments, parentId })
        const answered = withNewAnswer(asked, { id: answerId, atMs, questionId, modelId })
        if (otherModelId === null) return answered
        return withOtherAnswer(answered, { id: otherId, atMs, questionId, modelId: otherModelId, besideId: answerId })
      })
    },
  )

  server.post(
    '/chats/:id/answers',
    {
      schema: {
        summary: 'Generate another answer to a question, also one that begins with a given text; earlier ones stay',
        tags: chatTags,
        params: OfChat,
        body: AnswerRequest,
        response: { 200: ChatChange, ...chatFailures },
      },
    },
    async (request, reply) => {
      const { questionId, modelId, start } = request.body
      const [answerId, atMs] = [newId(), now()]
      return ask(request.params.id, [answerId], request, reply, (chat) => {
        const question = findMessage(chat, questionId)
        // After calls of tools, their results are what is answered.
        if (question.role !== 'user' && question.calls.length === 0) throw messageNotFound(questionId)
        refuseMoreMessages(chat)
        return withNewAnswer(chat, { id: answerId, atMs, questionId, modelId, start })
      })
    },
  )

  server.post(
    '/chats/:id/messages/:messageId/continue',
    {
      schema: {
        summary: 'Continue an answer that was cut, stopped or interrupted',
        tags: chatTags,
        params: OfMessage,
        response: { 200: ChatChange, ...chatFailures },
      },
    },
    async (request, reply) => {
      const { id, messageId } = request.params
      return ask(id, [messageId], request, reply, (chat) => {
        const message = findMessage(chat, messageId)
        if (message.role !== 'assistant') throw messageNotFound(messageId)
        refuseUnlessAnswered(context, message)
        return { ...withMessage(chat, messageId, resumed), updatedAtMs: now(), leafId: messageId }
      })
    },
  )

  server.post(
    '/chats/:id/messages/:messageId/keep',
    {
      schema: {
        summary: 'Go on after one of two compared answers; the other one stays as another version',
        tags: chatTags,
        params: OfMessage,
        response: { 200: ChatChange, ...chatFailures },
      },
    },
    async ({ params: { id, messageId } }) => {
      const { book, answers } = context.chats
      const before = await book.read(id)
      const { besideId } = findMessage(before, messageId)
      const compared = before.messages.filter((message) => [messageId, besideId].includes(message.id) || message.besideId === messageId)
      // One that still streams is saved again.
      for (const message of compared) answers.find(message.id)?.become({ besideId: null })
      const kept = await book.change(id, (chat) => withKeptAnswer(chat, findMessage(chat, messageId).id))
      const changed = new Set(compared.map((message) => message.id))
      return toChange(
        kept,
        answers.current(kept).messages.filter((message) => changed.has(message.id)),
      )
    },
  )

  server.post(
    '/chats/:id/messages/:messageId/stop',
    {
      schema: {
        summary: 'Stop an answer; its text so far is kept',
        tags: chatTags,
        params: OfMessage,
        response: { 200: z.strictObject({ stopped: z.boolean() }), ...chatFailures },
      },
    },
    async ({ params }) => ({
      stopped: context.chats.answers.idsIn(params.id).includes(params.messageId) && context.cancel(params.messageId),
    }),
  )

  server.get(
    '/chats/:id/messages/:messageId/tokens',
    {
      schema: {
        summary: 'The tokens of an answer with their probabilities and the most likely alternatives',
        tags: chatTags,
        params: OfMessage,
        response: { 200: AnswerTokens, ...chatFailures },
      },
    },
    async (request, reply) => {
      const { id, messageId } = request.params
      const chat = context.chats.answers.current(await context.chats.book.read(id))
      refuseUnlessAnswered(context, findMessage(chat, messageId))
      const requestId = `tokens_${newId()}`
      return context.run([requestId, request.id], reply, (running, signal) => scoreAnswer(running, chat, messageId, requestId, signal))
    },
  )

  server.get(
    '/chats/:id/messages/:messageId/stream',
    {
      schema: {
        summary: 'A message as server-sent events: the whole message, then what is added to it until its answer ends',
        tags: chatTags,
        params: OfMessage,
        response: { 200: StoredMessage, ...chatFailures },
      },
    },
    async ({ params: { id, messageId } }, reply) => {
      const { book, answers } = context.chats
      const live = answers.idsIn(id).includes(messageId) ? answers.find(messageId) : null
      const stored = live ? null : findMessage(answers.current(await book.read(id)), messageId)
      const model = live?.message.modelId ?? ''
      return context.run([`follow_${newId()}`], reply, async (_running, signal) => {
        const events = live?.follow(signal) ?? (stored ? [{ type: 'message' as const, message: stored }] : [])
        await sendStream(reply, toEventTexts(events), eventStream(context, model, signal, formatDataError))
        return reply
      })
    },
  )
}

function refuseUnlessAnswered(context: ApiContext, message: StoredMessage): void {
  if (context.chats.answers.find(message.id))
    throw new AppError('chat-busy', 'The last answer is still being written. Stop it, or wait for its end.')
}

function refuseMoreMessages(chat: Chat): void {
  if (chat.messages.length + 3 > MOST_MESSAGES)
    throw new AppError('chat-too-long', `A chat holds at most ${MOST_MESSAGES} messages. Start a new one.`)
}

async function* toEventTexts(events: AsyncIterable<object> | Iterable<object>): AsyncGenerator<string> {
  for await (const event of events) yield formatEvent(event)
}
