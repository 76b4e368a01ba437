import type { ReactNode } from 'react'
import { shortModelName } from '../../../ui/format.ts'
import { chatStrings } from '../strings.ts'
import { AnswerText } from './AnswerText.tsx'
import type { ThreeWays } from '../../../../main/shared/chats/three-ways.ts'

const labels = chatStrings.ways

/** Shows, above an answer, the draft that another model wrote at the same time. */
export function DraftPanel({ ways: { draft, groups } }: { readonly ways: ThreeWays }): ReactNode {
  const model = groups.find(({ role }) => role === 'speculative')?.model
  return (
    <details className="three-ways" open>
      <summary>
        {labels.draft} {model && <span className="muted small">{shortModelName(model)}</span>}
      </summary>
      {draft === '' ? <p className="muted small">{labels.noDraft}</p> : <AnswerText text={draft} />}
    </details>
  )
}
