import { type Chat, type StoredMessage, summarizeChat } from '../../shared/chats/chat.ts'
import type { ChatChange } from '../../shared/wire/api/chats.ts'

export function toChange(chat: Chat, messages: StoredMessage[]): ChatChange {
  return { chat: { ...summarizeChat(chat), leafId: chat.leafId }, messages }
}
