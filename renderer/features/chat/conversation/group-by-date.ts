import type { ListedChat } from './chat-store.ts'

export type ChatAge = 'pinned' | 'today' | 'yesterday' | 'week' | 'month' | 'older'

const DAY_MS = 24 * 3_600_000

/** The listed chats by age, in their order; groups without chats are left out. @param midnightMs - the start of today */
export function groupByDate(chats: readonly ListedChat[], midnightMs: number): { age: ChatAge; chats: ListedChat[] }[] {
  const groups = new Map<ChatAge, ListedChat[]>()
  for (const chat of chats) {
    const age = chat.isPinned ? 'pinned' : ageOf(chat.updatedAtMs, midnightMs)
    groups.set(age, [...(groups.get(age) ?? []), chat])
  }
  return [...groups].map(([age, grouped]) => ({ age, chats: grouped }))
}

function ageOf(updatedAtMs: number, midnightMs: number): ChatAge {
  if (updatedAtMs >= midnightMs) return 'today'
  if (updatedAtMs >= midnightMs - DAY_MS) return 'yesterday'
  if (updatedAtMs >= midnightMs - 7 * DAY_MS) return 'week'
  return updatedAtMs >= midnightMs - 30 * DAY_MS ? 'month' : 'older'
}
