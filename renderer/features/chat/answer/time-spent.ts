import type { AnswerStats } from '../../../../main/shared/chats/chat.ts'

export interface TimeSpent {
  readonly waitingMs: number
  /** From the start of the prompt to the first token. */
  readonly readingMs: number
  readonly writingMs: number
}

/** Where the time of an answer went. Its parts add up to the whole. */
export function timeSpent({ queueMs, ttftMs, totalMs }: Pick<AnswerStats, 'queueMs' | 'ttftMs' | 'totalMs'>): TimeSpent {
  const firstMs = Math.min(ttftMs, totalMs)
  const waitingMs = Math.min(queueMs, firstMs)
  return { waitingMs, readingMs: firstMs - waitingMs, writingMs: totalMs - firstMs }
}
