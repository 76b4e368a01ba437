import { create } from 'zustand'
import type { ConversationMessage, Conversation } from './conversation.ts'

export interface ChatStoreState {
  readonly conversations: Readonly<Record<string, Conversation>>
  /** null: a new conversation, which is created with its first message. */
  readonly activeId: string | null
  /** Why conversations are not saved, as shown to the user. */
  readonly storageError: string | null
}

export const useChatStore = create<ChatStoreState>(() => ({ conversations: {}, activeId: null, storageError: null }))

/** Newest first. */
export const selectConversationIds = ({ conversations }: ChatStoreState): string[] =>
  Object.values(conversations)
    .sort((first, second) => second.updatedAtMs - first.updatedAtMs)
    .map(({ id }) => id)

export const selectActive = ({ conversations, activeId }: ChatStoreState): Conversation | null =>
  activeId === null ? null : (conversations[activeId] ?? null)

export const selectMessageIds = (state: ChatStoreState): string[] => selectActive(state)?.messages.map(({ id }) => id) ?? []

export const selectMessage =
  (messageId: string) =>
  (state: ChatStoreState): ConversationMessage | undefined =>
    selectActive(state)?.messages.find(({ id }) => id === messageId)

export const selectIsStreaming = (state: ChatStoreState): boolean => selectActive(state)?.messages.at(-1)?.status === 'streaming'
