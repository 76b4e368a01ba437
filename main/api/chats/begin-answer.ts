import type { FastifyReply, FastifyRequest } from 'fastify'
import { pathTo } from '../../shared/chats/chat-tree.ts'
import type { Chat } from '../../shared/chats/chat.ts'
import type { ApiContext } from '../api-server.ts'
import { answerSource } from './answer-source.ts'
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
  context.runInBackground([messageId, request.id], reply, (running, signal) =>
    answers.run(chat.id, message, (stop) => answerSource(context, running, prompt, chat, modelId, stop), signal),
  )
}
