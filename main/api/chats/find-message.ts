import { AppError } from '../../shared/app-error.ts'
import type { Chat, StoredMessage } from '../../shared/chats/chat.ts'

export const messageNotFound = (id: string): AppError => new AppError('chat-not-found', `This chat has no such message: '${id}'.`)

/** @throws AppError `chat-not-found` */
export function findMessage(chat: Chat, messageId: string): StoredMessage {
  const message = chat.messages.find(({ id }) => id === messageId)
  if (!message) throw messageNotFound(messageId)
  return message
}
