import type { ReactNode } from 'react'
import { shortModelName } from '../../../ui/format.ts'
import { chatStrings } from '../strings.ts'
import { NodeName } from '../../cluster/NodeName.tsx'
import { type RoleGroup, rolesSharing, type ThreeWays } from '../../../../main/shared/chats/three-ways.ts'

const labels = chatStrings.ways
const tones = { safe: 'badge-success', flagged: 'badge-danger', unknown: 'badge-warning' } as const

/** Shows, below an answer, a third model's verdict on it and where each of the three models runs. */
export function VerdictPanel({ ways: { verdict, groups }, isEnded }: { readonly ways: ThreeWays; readonly isEnded: boolean }): ReactNode {
  return (
    <section className="three-ways" aria-label={labels.verdict}>
      <p>
        <b>{labels.verdict}</b>{' '}
        {verdict === null ? (
          <span className="muted">{isEnded ? labels.noVerdict : labels.verdictComes}</span>
        ) : (
          <>
            <span className={`badge ${tones[verdict.verdict]}`}>{labels.verdicts[verdict.verdict]}</span>{' '}
            <span className="muted">{verdict.reason}</span>
          </>
        )}
      </p>
      <ul className="role-groups muted small" aria-label={labels.groups}>
        {groups.map((group) => (
          <Group key={group.role} group={group} sharing={rolesSharing(groups, group.role)} />
        ))}
      </ul>
    </section>
  )
}

function Group({
  group: { role, model, nodeIds, notice },
  sharing,
}: {
  readonly group: RoleGroup
  readonly sharing: readonly RoleGroup['role'][]
}): ReactNode {
  return (
    <li>
      <b>{labels.roles[role]}</b> {shortModelName(model)} ·{' '}
      {nodeIds.map((nodeId, index) => (
        <span key={nodeId}>
          {index > 0 && ', '}
          <NodeName nodeId={nodeId} />
        </span>
      ))}
      , {sharing.length === 0 ? labels.apart : labels.sharedWith(sharing.map((other) => labels.rolesInText[other]))}
      {notice !== null && <span className="role-notice">{notice}</span>}
    </li>
  )
}
