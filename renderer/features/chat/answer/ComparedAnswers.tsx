import { type ReactNode, useState } from 'react'
import { shortModelName } from '../../../ui/format.ts'
import { useShallow } from 'zustand/react/shallow'
import { chatStrings } from '../strings.ts'
import { selectMessage, useChatStore } from '../conversation/chat-store.ts'
import { Message } from './Message.tsx'
import './compared-answers.css'

export interface ComparedAnswersProps {
  readonly ids: readonly string[]
  readonly onKeep: (answerId: string, modelId: string | null) => void
}

/** The answers of two models to one question, in columns; one at a time where there is no room for two. */
export function ComparedAnswers({ ids, onKeep }: ComparedAnswersProps): ReactNode {
  const [shown, setShown] = useState(0)
  const models = useChatStore(useShallow((state) => ids.map((id) => selectMessage(id)(state)?.modelId ?? null)))
  const endings = useChatStore(useShallow((state) => ids.map((id) => selectMessage(id)(state)?.status !== 'streaming')))
  const names = models.map((modelId) => shortModelName(modelId ?? ''))
  return (
    <section className="compared" aria-label={chatStrings.compare.answers}>
      <div className="segments compared-switch" role="group" aria-label={chatStrings.compare.answers}>
        {names.map((name, index) => (
          <button key={ids[index]} type="button" aria-pressed={index === shown} onClick={() => setShown(index)}>
            {name}
          </button>
        ))}
      </div>
      {ids.map((id, index) => (
        <div key={id} className="compared-answer" data-shown={index === shown} role="group" aria-label={names[index]}>
          <h2 className="compared-model">{names[index]}</h2>
          <Message messageId={id} modelId={models[index] ?? null} isChatBusy={false} isLast isCompared />
          <button type="button" className="button" disabled={!endings[index]} onClick={() => onKeep(id, models[index] ?? null)}>
            {chatStrings.compare.keep}
          </button>
        </div>
      ))}
    </section>
  )
}
