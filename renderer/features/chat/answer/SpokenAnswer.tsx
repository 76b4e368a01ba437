import type { ReactNode } from 'react'
import { selectPath, useChatStore } from '../conversation/chat-store.ts'

/** Announces an answer to screen readers as it arrives, by whole sentences and not by tokens. */
export function SpokenAnswer(): ReactNode {
  const sentence = useChatStore((state) => {
    const last = selectPath(state).at(-1)
    if (last?.role !== 'assistant') return ''
    return lastSentence(last.content, last.status !== 'streaming')
  })
  return (
    <p className="visually-hidden" aria-live="polite">
      {sentence}
    </p>
  )
}

const READ_BACK_CHARACTERS = 400

/** The last complete sentence, or the rest of the text once the answer is complete. */
function lastSentence(text: string, isComplete: boolean): string {
  const tail = text.slice(-READ_BACK_CHARACTERS)
  const sentences = tail.match(/[^.!?\n]+[.!?]+(?=\s|$)|[^.!?\n]+(?=\n)/g) ?? []
  if (!isComplete) return sentences.at(-1)?.trim() ?? ''
  return (
    tail
      .split(/(?<=[.!?])\s+|\n+/)
      .at(-1)
      ?.trim() ?? ''
  )
}
