import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { AppError } from '../../shared/app-error.ts'
import { resumed, titleOf, withNewAnswer, withMessage, withQuestion } from '../../shared/chats/chat-changes.ts'
import { pathTo } from '../../shared/chats/chat-tree.ts'
import { Chat, ChatId, MOST_MESSAGES, StoredMessage, summarizeChat, ChatSummary } from '../../shared/chats/chat.ts'
import {
  AnswerRequest,
  ChatChange,
  ChatExport,
  ChatImport,
  ChatImportAnswer,
  ChatList,
  ChatPatch,
  NewChatRequest,
  QuestionRequest,
} from '../../shared/wire/api/chats.ts'
import { ErrorBody } from '../../shared/wire/api/openai.ts'
import type { ApiContext, ApiServer } from '../api-server.ts'
import { formatDataError } from '../openai/data-events.ts'
import { eventStream, formatEvent } from '../sending/event-stream.ts'
import { sendStream } from '../sending/send-stream.ts'
import { answerSource } from './answer-source.ts'

const tags = ['chats']
const failures = { '4xx': ErrorBody, '5xx': ErrorBody }
const OfChat = z.object({ id: ChatId })
const OfMessage = OfChat.extend({ messageId: ChatId })

/** The chats of the dashboard, which live on this node. Answers go on when their page goes. */
export function registerChats(server: ApiServer, context: ApiContext): void {
  const { newId } = context
  const now = (): number => context.clock.now()

  /** Generates a streaming message of `chat` in the background. */
  function begin(chat: Chat, messageId: string, request: FastifyRequest, reply: FastifyReply): void {
    const { answers } = context.chats
    const path = pathTo(chat.messages, messageId)
    const message = path.at(-1)
    if (!message) throw messageNotFound(messageId)
    // A continued answer is the last message of its own prompt.
    const prompt = message.content === '' ? path.slice(0, -1) : path
    const modelId = message.modelId ?? chat.modelId ?? ''
    context.runInBackground([messageId, request.id], reply, (running, signal) =>
      answers.run(chat.id, message, (stop) => answerSource(context, running, prompt, chat, modelId, stop), signal),
    )
  }

  /** Changes a chat so that its last answer streams, and generates it. */
  async function ask(
    id: string,
    messageId: string,
    request: FastifyRequest,
    reply: FastifyReply,
    next: (chat: Chat) => Chat,
  ): Promise<ChatChange> {
    context.refuseMoreInBackground()
    const before = await context.chats.book.read(id)
    const changed = await context.chats.book.change(id, next)
    begin(changed, messageId, request, reply)
    const known = new Map(before.messages.map((message) => [message.id, message.status]))
    return toChange(
      changed,
      changed.messages.filter((message) => known.get(message.id) !== message.status),
    )
  }

  server.get(
    '/chats',
    {
      schema: {
        summary: 'The chats of this node, pinned ones first, then newest first; `search`: those with these words',
        tags,
        querystring: z.object({ search: z.string().min(1).max(200).optional() }),
        response: { 200: ChatList, ...failures },
      },
    },
    async ({ query }, reply) => {
      const { book, answers } = context.chats
      const gone = new AbortController()
      reply.raw.once('close', () => gone.abort())
      const chats = query.search === undefined ? await book.list() : await book.search(query.search, gone.signal)
      return { chats: chats.map((chat) => ({ ...chat, isAnswering: answers.isAnswering(chat.id) })), damaged: book.damaged }
    },
  )

  server.post(
    '/chats',
    {
      schema: {
        summary: 'Start a chat with a question; its answer is generated in the background',
        tags,
        body: NewChatRequest,
        response: { 200: Chat, ...failures },
      },
    },
    async (request, reply) => {
      const { text, modelId, settings } = request.body
      context.refuseMoreInBackground()
      const atMs = now()
      const empty = { id: newId(), title: titleOf(text), createdAtMs: atMs, updatedAtMs: atMs, modelId, settings, messages: [] }
      const asked = withQuestion(Chat.parse(empty), { id: newId(), atMs, text, parentId: null })
      const answerId = newId()
      const chat = await context.chats.book.create(withNewAnswer(asked, { id: answerId, atMs, questionId: asked.leafId ?? '', modelId }))
      begin(chat, answerId, request, reply)
      return chat
    },
  )

  server.delete(
    '/chats',
    { schema: { summary: 'Delete all chats', tags, response: { 200: z.strictObject({ deleted: z.int() }), ...failures } } },
    async () => {
      for (const { id } of await context.chats.book.list()) context.chats.answers.drop(id)
      return { deleted: await context.chats.book.removeAll() }
    },
  )

  server.get(
    '/chats/export',
    { schema: { summary: 'All chats as one JSON file', tags, response: { 200: ChatExport, ...failures } } },
    async (_request, reply): Promise<never> =>
      // The type of the response describes the file, which is sent as text.
      reply
        .type('application/json; charset=utf-8')
        .header('content-disposition', 'attachment; filename="exo-chats.json"')
        .send(Readable.from(exportTexts(context)) as never) as never,
  )

  server.post(
    '/chats/import',
    {
      schema: {
        summary: 'Add chats of an export or of a browser; chats that are already here are skipped',
        tags,
        body: ChatImport,
        response: { 200: ChatImportAnswer, ...failures },
      },
    },
    async ({ body }) => {
      const answer: ChatImportAnswer = { imported: [], skipped: [] }
      for (const chat of body.chats) answer[(await context.chats.book.import(chat)) ? 'imported' : 'skipped'].push(chat.id)
      return answer
    },
  )

  server.get(
    '/chats/:id',
    { schema: { summary: 'One chat with all its messages', tags, params: OfChat, response: { 200: Chat, ...failures } } },
    async ({ params }) => context.chats.answers.current(await context.chats.book.read(params.id)),
  )

  server.patch(
    '/chats/:id',
    {
      schema: {
        summary: "Change a chat's title, pin, settings, or the branch that is shown",
        tags,
        params: OfChat,
        body: ChatPatch,
        response: { 200: ChatSummary, ...failures },
      },
    },
    async ({ params, body: { title, isPinned, settings, leafId } }) =>
      summarizeChat(
        await context.chats.book.change(params.id, (chat) => {
          if (leafId !== undefined) findMessage(chat, leafId)
          return {
            ...chat,
            ...(title === undefined ? {} : { title }),
            ...(isPinned === undefined ? {} : { isPinned }),
            ...(settings === undefined ? {} : { settings }),
            ...(leafId === undefined ? {} : { leafId }),
          }
        }),
      ),
  )

  server.delete(
    '/chats/:id',
    {
      schema: {
        summary: 'Delete a chat. The answer is the deleted chat, which an import restores',
        tags,
        params: OfChat,
        response: { 200: Chat, ...failures },
      },
    },
    async ({ params }) => {
      const { book, answers } = context.chats
      const current = answers.current(await book.read(params.id))
      await book.remove(params.id)
      answers.drop(params.id)
      return current
    },
  )

  server.post(
    '/chats/:id/questions',
    {
      schema: {
        summary: 'Ask in a chat. A question with the parent of another is a new version of it',
        tags,
        params: OfChat,
        body: QuestionRequest,
        response: { 200: ChatChange, ...failures },
      },
    },
    async (request, reply) => {
      const { text, parentId, modelId } = request.body
      const [questionId, answerId, atMs] = [newId(), newId(), now()]
      return ask(request.params.id, answerId, request, reply, (chat) => {
        if (parentId !== null) refuseUnlessAnswered(context, findMessage(chat, parentId))
        refuseMoreMessages(chat)
        const asked = withQuestion(chat, { id: questionId, atMs, text, parentId })
        return withNewAnswer(asked, { id: answerId, atMs, questionId, modelId })
      })
    },
  )

  server.post(
    '/chats/:id/answers',
    {
      schema: {
        summary: 'Generate another answer to a question; earlier ones stay',
        tags,
        params: OfChat,
        body: AnswerRequest,
        response: { 200: ChatChange, ...failures },
      },
    },
    async (request, reply) => {
      const { questionId, modelId } = request.body
      const [answerId, atMs] = [newId(), now()]
      return ask(request.params.id, answerId, request, reply, (chat) => {
        if (findMessage(chat, questionId).role !== 'user') throw messageNotFound(questionId)
        refuseMoreMessages(chat)
        return withNewAnswer(chat, { id: answerId, atMs, questionId, modelId })
      })
    },
  )

  server.post(
    '/chats/:id/messages/:messageId/continue',
    {
      schema: {
        summary: 'Continue an answer that was cut, stopped or interrupted',
        tags,
        params: OfMessage,
        response: { 200: ChatChange, ...failures },
      },
    },
    async (request, reply) => {
      const { id, messageId } = request.params
      return ask(id, messageId, request, reply, (chat) => {
        const message = findMessage(chat, messageId)
        if (message.role !== 'assistant') throw messageNotFound(messageId)
        refuseUnlessAnswered(context, message)
        return { ...withMessage(chat, messageId, resumed), updatedAtMs: now(), leafId: messageId }
      })
    },
  )

  server.post(
    '/chats/:id/messages/:messageId/stop',
    {
      schema: {
        summary: 'Stop an answer; its text so far is kept',
        tags,
        params: OfMessage,
        response: { 200: z.strictObject({ stopped: z.boolean() }), ...failures },
      },
    },
    async ({ params }) => ({
      stopped: context.chats.answers.idsIn(params.id).includes(params.messageId) && context.cancel(params.messageId),
    }),
  )

  server.get(
    '/chats/:id/messages/:messageId/stream',
    {
      schema: {
        summary: 'A message as server-sent events: the whole message, then what is added to it until its answer ends',
        tags,
        params: OfMessage,
        response: { 200: StoredMessage, ...failures },
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

const messageNotFound = (id: string): AppError => new AppError('chat-not-found', `This chat has no such message: '${id}'.`)

function findMessage(chat: Chat, messageId: string): StoredMessage {
  const message = chat.messages.find(({ id }) => id === messageId)
  if (!message) throw messageNotFound(messageId)
  return message
}

function refuseUnlessAnswered(context: ApiContext, message: StoredMessage): void {
  if (context.chats.answers.find(message.id))
    throw new AppError('chat-busy', 'The last answer is still being written. Stop it, or wait for its end.')
}

function refuseMoreMessages(chat: Chat): void {
  if (chat.messages.length + 2 > MOST_MESSAGES)
    throw new AppError('chat-too-long', `A chat holds at most ${MOST_MESSAGES} messages. Start a new one.`)
}

function toChange(chat: Chat, messages: StoredMessage[]): ChatChange {
  return { chat: { ...summarizeChat(chat), leafId: chat.leafId }, messages }
}

async function* toEventTexts(events: AsyncIterable<object> | Iterable<object>): AsyncGenerator<string> {
  for await (const event of events) yield formatEvent(event)
}

/** One chat at a time, so that an export of any size needs little memory. */
async function* exportTexts(context: ApiContext): AsyncGenerator<string> {
  let separator = ''
  yield '{"format":"exo-chats","version":1,"chats":['
  for await (const chat of context.chats.book.all()) {
    yield `${separator}${JSON.stringify(context.chats.answers.current(chat))}\n`
    separator = ','
  }
  yield ']}\n'
}
