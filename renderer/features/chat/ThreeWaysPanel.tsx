import type { ReactNode } from 'react'
import { shortModelName } from '../../ui/format.ts'
import { strings } from '../../ui/strings.ts'
import { NodeName } from '../cluster/NodeName.tsx'
import type { ThreeWays } from './conversation.ts'
import { Markdown } from './Markdown.tsx'

const tones = { safe: 'badge-success', flagged: 'badge-danger', unknown: 'badge-warning' } as const

/** Beside an answer: what another model drafted, what a third one thinks of the answer, and where each of them runs. */
export function ThreeWaysPanel({ ways }: { readonly ways: ThreeWays }): ReactNode {
  const labels = strings.chat.ways
  return (
    <section className="three-ways" aria-label={strings.chat.threeWays}>
      <details open>
        <summary>{labels.draft}</summary>
        {ways.draft === '' ? <p className="muted small">{labels.noDraft}</p> : <Markdown text={ways.draft} />}
      </details>
      <p>
        <b>{labels.verdict}</b>{' '}
        {ways.verdict === null ? (
          <span className="muted">{labels.noVerdict}</span>
        ) : (
          <>
            <span className={`badge ${tones[ways.verdict.verdict]}`}>{labels.verdicts[ways.verdict.verdict]}</span> <span className="muted">{ways.verdict.reason}</span>
          </>
        )}
      </p>
      <ul className="muted small">
        {ways.groups.map(({ role, model, nodeIds, notice }) => (
          <li key={role} title={notice ?? undefined}>
            {labels.roles[role]}: {shortModelName(model)},{' '}
            {nodeIds.map((nodeId, index) => (
              <span key={nodeId}>
                {index > 0 && ', '}
                <NodeName nodeId={nodeId} />
              </span>
            ))}
          </li>
        ))}
      </ul>
    </section>
  )
}
