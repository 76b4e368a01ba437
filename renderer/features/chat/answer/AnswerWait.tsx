import type { ReactNode } from 'react'
import { chatStrings } from '../strings.ts'
import { useChatStore } from '../conversation/chat-store.ts'

/** Tells what an answer without text waits for. */
export function AnswerWait({ messageId }: { readonly messageId: string }): ReactNode {
  const prefill = useChatStore((state) => state.prefills[messageId])
  return (
    <p className="waiting">
      {prefill && prefill.doneTokens < prefill.totalTokens
        ? chatStrings.reading(prefill.doneTokens, prefill.totalTokens)
        : chatStrings.waiting}
    </p>
  )
}
