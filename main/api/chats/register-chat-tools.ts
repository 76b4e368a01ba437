import { z } from 'zod'
import { AppError, errorMessage } from '../../shared/app-error.ts'
import { ChatId } from '../../shared/chats/chat.ts'
import { toolKey } from '../../shared/chats/tool-call.ts'
import { ChatChange, McpAnswer } from '../../shared/wire/api/chats.ts'
import type { ApiContext, ApiServer } from '../api-server.ts'
import { beginAnswer } from './begin-answer.ts'
import { callKey } from './call-key.ts'
import { chatFailures, chatTags, OfChat } from './chat-routes.ts'
import { findMessage } from './find-message.ts'
import { answerAfterCalls, callNotFound, startCall, withCall } from './run-calls.ts'
import { toChange } from './to-change.ts'

const OfCall = OfChat.extend({ messageId: ChatId, callId: z.string().min(1).max(128) })
/** `always`: also later calls of this tool in this chat run without a question. */
const Decision = z.strictObject({ decision: z.enum(['once', 'always', 'refuse']) })

/** The tools of chats: the user's MCP servers, and what the user says to each call. */
export function registerChatTools(server: ApiServer, context: ApiContext): void {
  const { mcp, chats } = context

  server.get(
    '/mcp',
    { schema: { summary: 'The MCP servers of this node and their tools', tags: chatTags, response: { 200: McpAnswer, ...chatFailures } } },
    async () => {
      try {
        const servers = await mcp.list()
        return {
          path: mcp.path,
          problem: null,
          servers: servers.map(({ tools, ...view }) => ({ ...view, tools: tools.map(({ name, description }) => ({ name, description })) })),
        }
      } catch (error) {
        return { path: mcp.path, problem: errorMessage(error).slice(0, 4_000), servers: [] }
      }
    },
  )

  server.post(
    '/chats/:id/messages/:messageId/calls/:callId',
    {
      schema: {
        summary: 'Allow or refuse a call of a tool. A refusal also stops a running call',
        tags: chatTags,
        params: OfCall,
        body: Decision,
        response: { 200: ChatChange, ...chatFailures },
      },
    },
    async (request, reply) => {
      const { book, answers } = chats
      const { id: chatId, messageId, callId } = request.params
      const { decision } = request.body
      const place = { chatId, messageId, callId }
      const runner = {
        context,
        request,
        reply,
        begin: (chat: Parameters<typeof beginAnswer>[1], answerId: string) => beginAnswer(context, chat, answerId, request, reply),
      }
      const call = findMessage(answers.current(await book.read(chatId)), messageId).calls.find(({ id }) => id === callId)
      if (!call) throw callNotFound(callId)
      const running = answers.runningCalls.get(callKey(place))
      if (decision === 'refuse' && running) {
        running.abort()
        const chat = await book.read(chatId)
        return toChange(chat, [findMessage(chat, messageId)])
      }
      if (call.state !== 'asking') throw new AppError('chat-busy', 'This call has already been decided.')
      context.refuseMoreInBackground()
      if (decision === 'refuse') {
        await book.change(chatId, (kept) => withCall(kept, place, { state: 'refused' }))
        await answerAfterCalls(runner, chatId, messageId)
      } else {
        if (decision === 'always')
          await book.change(chatId, ({ settings, ...chat }) => ({
            ...chat,
            settings: { ...settings, allowedTools: [...new Set([...settings.allowedTools, toolKey(call)])] },
          }))
        await startCall(runner, place)
      }
      const chat = await book.read(chatId)
      return toChange(
        chat,
        chat.messages.filter(({ id, parentId }) => id === messageId || parentId === messageId),
      )
    },
  )
}
