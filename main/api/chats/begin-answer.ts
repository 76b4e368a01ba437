import type { FastifyReply, FastifyRequest } from 'fastify'
import { errorCode } from '../../shared/app-error.ts'
import { pathTo } from '../../shared/chats/chat-tree.ts'
import type { Chat } from '../../shared/chats/chat.ts'
import type { ApiContext } from '../api-server.ts'
import { answerSource } from './answer-source.ts'
import { runAllowedCalls } from './run-calls.ts'
import { messageNotFound } from './find-message.ts'

/** Generates a streaming message of `chat` in the background. */
export function beginAnswer(context: ApiContext, chat: Chat, messageId: string, request: FastifyRequest, reply: FastifyReply): void {
  const { answers } = context.chats
  const path = pathTo(chat.messages, messageId)
  const message = path.at(-1)
  if (!message) throw messageNotFound(messageId)
  // A continued answer is the last message of its own prompt.
  const prompt = message.content === '' ? path.slice(0, -1) : path
  const modelId = message.modelId ?? chat.modelId ?? ''
  const runner = { context, request, reply, begin: (next: Chat, id: string) => beginAnswer(context, next, id, request, reply) }
  context.runInBackground([messageId, request.id], reply, async (running, signal) => {
    await answers.run(chat.id, message, (stop) => answerSource(context, running, prompt, chat, modelId, stop), signal)
    if (!signal.aborted) await runAllowedCalls(runner, chat.id, messageId).catch(ignoreDeleted)
  })
}

/** The chat may have been deleted while its answer was generated. */
function ignoreDeleted(error: unknown): void {
  if (errorCode(error) !== 'chat-not-found') throw error
}
