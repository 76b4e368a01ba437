import { Readable } from 'node:stream'
import { z } from 'zod'
import { titleOf, withNewAnswer, withOtherAnswer, withQuestion } from '../../shared/chats/chat-changes.ts'
import { Chat, ChatSummary, summarizeChat } from '../../shared/chats/chat.ts'
import { ChatExport, ChatImport, ChatImportAnswer, ChatList, ChatPatch, NewChatRequest } from '../../shared/wire/api/chats.ts'
import type { ApiContext, ApiServer } from '../api-server.ts'
import { beginAnswer } from './begin-answer.ts'
import { chatFailures, chatTags, OfChat } from './chat-routes.ts'
import { findMessage } from './find-message.ts'

/** The chats of the dashboard, which live on this node. Answers go on when their page goes. */
export function registerChats(server: ApiServer, context: ApiContext): void {
  const { newId } = context
  const now = (): number => context.clock.epochMs()

  server.get(
    '/chats',
    {
      schema: {
        summary: 'The chats of this node, pinned ones first, then newest first; `search`: those with these words',
        tags: chatTags,
        querystring: z.object({ search: z.string().min(1).max(200).optional() }),
        response: { 200: ChatList, ...chatFailures },
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
        tags: chatTags,
        body: NewChatRequest,
        response: { 200: Chat, ...chatFailures },
      },
    },
    async (request, reply) => {
      const { text, attachments, modelId, otherModelId, settings } = request.body
      context.refuseMoreInBackground()
      const atMs = now()
      const empty = {
        id: newId(),
        title: titleOf(text, attachments),
        createdAtMs: atMs,
        updatedAtMs: atMs,
        modelId,
        settings,
        messages: [],
      }
      const asked = withQuestion(Chat.parse(empty), { id: newId(), atMs, text, attachments, parentId: null })
      const [id, otherId, questionId] = [newId(), newId(), asked.leafId ?? '']
      const answered = withNewAnswer(asked, { id, atMs, questionId, modelId })
      const other = otherModelId === null ? null : { id: otherId, atMs, questionId, modelId: otherModelId, besideId: id }
      const chat = await context.chats.book.create(other === null ? answered : withOtherAnswer(answered, other))
      for (const begun of other === null ? [id] : [id, otherId]) beginAnswer(context, chat, begun, request, reply)
      return chat
    },
  )

  server.delete(
    '/chats',
    { schema: { summary: 'Delete all chats', tags: chatTags, response: { 200: z.strictObject({ deleted: z.int() }), ...chatFailures } } },
    async () => {
      for (const { id } of await context.chats.book.list()) context.chats.answers.drop(id)
      return { deleted: await context.chats.book.removeAll() }
    },
  )

  server.get(
    '/chats/export',
    { schema: { summary: 'All chats as one JSON file', tags: chatTags, response: { 200: ChatExport, ...chatFailures } } },
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
        summary: 'Add chats of an export or of a browser; chats that are already here are skipped, damaged ones left out',
        tags: chatTags,
        body: ChatImport,
        response: { 200: ChatImportAnswer, ...chatFailures },
      },
    },
    async ({ body }) => {
      const answer: ChatImportAnswer = { imported: [], skipped: [], damaged: [] }
      for (const chat of body.chats) answer[await context.chats.book.import(chat)].push(chat.id)
      return answer
    },
  )

  server.get(
    '/chats/:id',
    { schema: { summary: 'One chat with all its messages', tags: chatTags, params: OfChat, response: { 200: Chat, ...chatFailures } } },
    async ({ params }) => context.chats.answers.current(await context.chats.book.read(params.id)),
  )

  server.patch(
    '/chats/:id',
    {
      schema: {
        summary: "Change a chat's title, pin, settings, or the branch that is shown",
        tags: chatTags,
        params: OfChat,
        body: ChatPatch,
        response: { 200: ChatSummary, ...chatFailures },
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
        tags: chatTags,
        params: OfChat,
        response: { 200: Chat, ...chatFailures },
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
