import { useSyncExternalStore } from 'react'

export function onHashChange(listener: () => void): () => void {
  addEventListener('hashchange', listener)
  return () => removeEventListener('hashchange', listener)
}

/** The address of a chat; null: of a new one. */
export const addressOfChat = (chatId: string | null): string => (chatId === null ? '#/chat' : `#/chat/${chatId}`)

/** The chat that the page's address names; null: a new chat, or another view. */
export function useAddressedChat(): string | null {
  return useSyncExternalStore(onHashChange, () => /^#\/?chat\/([A-Za-z0-9_-]{8,64})$/.exec(location.hash)?.[1] ?? null)
}

export function goToChat(chatId: string | null): void {
  location.hash = addressOfChat(chatId)
}

/** Names a chat that has just been started, so that Back does not lead to the empty one before it. */
export function nameStartedChat(chatId: string): void {
  location.replace(addressOfChat(chatId))
}
