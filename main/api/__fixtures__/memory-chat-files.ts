import { setImmediate } from 'node:timers/promises'
import type { Chat } from '../../shared/chats/chat.ts'
import type { ChatFilesPort } from '../chats/chat-book.ts'

export interface MemoryChatFiles extends ChatFilesPort {
  readonly kept: Map<string, Chat>
  /** Thrown by the next writes; null: they succeed. */
  failure: Error | null
}

/** Stores chats in memory. */
export function memoryChatFiles(): MemoryChatFiles {
  const kept = new Map<string, Chat>()
  return {
    kept,
    failure: null,
    ids: async () => [...kept.keys()],
    read: async (id) => kept.get(id) ?? null,
    async change(id, next) {
      // A disk takes its time, in which other requests go on.
      await setImmediate()
      const chat = next(kept.get(id) ?? null)
      if (this.failure) throw this.failure
      kept.set(id, chat)
      return JSON.stringify(chat).length
    },
    remove: async (id) => void kept.delete(id),
  }
}
