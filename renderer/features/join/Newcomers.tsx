import type { ReactNode } from 'react'
import { formatFingerprint } from '../../../main/shared/format-fingerprint.ts'
import { useMembershipApi } from '../../services/services.ts'
import { useClusterStore } from '../../store/cluster-store.ts'
import { useSettingsStore } from '../../store/settings-store.ts'
import { ErrorNote } from '../../ui/Notice.tsx'
import { newcomerStrings } from './strings.ts'
import { useAction } from '../../ui/use-action.ts'
import { membershipCalls } from './membership-calls.ts'

const labels = newcomerStrings
/** Long enough for someone who returns to the screen to see it. */
const UNDO_FOR_MS = 10 * 60_000
const MOST_ACKNOWLEDGED = 100

interface Admission {
  readonly nodeId: string
  readonly admittedAtMs: number
}

/** A machine that was removed and admitted again is shown again. */
const keyOf = ({ nodeId, admittedAtMs }: Admission): string => `${nodeId} ${admittedAtMs}`

function acknowledge(admission: Admission): void {
  useSettingsStore.setState(({ acknowledgedAdmissions: known }) => ({
    acknowledgedAdmissions: [...known, keyOf(admission)].slice(-MOST_ACKNOWLEDGED),
  }))
}

/**
 * The machines that want to join, with buttons to admit or refuse them, and those that were just admitted automatically, with buttons
 * to remove or acknowledge them. Renders nothing when the list is empty.
 */
export function Newcomers(): ReactNode {
  const membership = useClusterStore((state) => state.membership)
  const acknowledged = useSettingsStore((settings) => settings.acknowledgedAdmissions)
  const action = useAction()
  const calls = membershipCalls(useMembershipApi())
  if (membership?.admission === 'open') return <p className="note note-warning">{labels.open(membership.clusterName)}</p>
  const closed = membership?.closed
  const isNew = (admission: Admission): boolean =>
    Date.now() - admission.admittedAtMs < UNDO_FOR_MS && !acknowledged.includes(keyOf(admission))
  const waiting = closed?.waiting.filter(({ wasRemoved, waitsFor }) => !(wasRemoved && waitsFor === 'this-side')) ?? []
  const recent =
    closed?.members.filter(
      (member) =>
        (member.cause === 'just-started' || member.cause === 'cable') && member.nodeId !== closed.letInBy?.nodeId && isNew(member),
    ) ?? []
  const letInBy = closed?.letInBy && isNew(closed.letInBy) ? closed.letInBy : null
  if (waiting.length + recent.length === 0 && letInBy === null) return null
  return (
    <section className="newcomers" aria-label={labels.title}>
      {waiting.map(({ nodeId, name, address, waitsFor }) => (
        <div key={nodeId} className="note newcomer">
          <div>
            <b>{waitsFor === 'this-side' ? labels.wants(name) : labels.asked(name)}</b>
            <p className="muted small">{labels.fingerprint(formatFingerprint(nodeId), address)}</p>
          </div>
          {waitsFor === 'this-side' && (
            <span className="newcomer-acts">
              <button
                type="button"
                className="button button-primary"
                disabled={action.isRunning}
                onClick={() => action.run(() => calls.admit(nodeId))}
              >
                {labels.admit}
              </button>
              <button type="button" className="button" disabled={action.isRunning} onClick={() => action.run(() => calls.refuse(nodeId))}>
                {labels.refuse}
              </button>
            </span>
          )}
        </div>
      ))}
      {letInBy !== null && (
        <div className="note newcomer">
          <div>
            <b>{labels.letInBy(letInBy.name, membership?.clusterName ?? '')}</b>
            <p className="muted small">{labels.fingerprintOf(formatFingerprint(letInBy.nodeId))}</p>
          </div>
          <span className="newcomer-acts">
            <button type="button" className="button" disabled={action.isRunning} onClick={() => action.run(() => calls.leave())}>
              {labels.leave}
            </button>
            <button type="button" className="button" onClick={() => acknowledge(letInBy)}>
              {labels.isMine}
            </button>
          </span>
        </div>
      )}
      {recent.map(({ nodeId, name, cause, admittedAtMs }) => (
        <div key={nodeId} className="note newcomer">
          <div>
            <b>{labels.letIn(name)}</b>
            <p className="muted small">{cause === 'cable' ? labels.byCable : labels.byStart}</p>
          </div>
          <span className="newcomer-acts">
            <button type="button" className="button" disabled={action.isRunning} onClick={() => action.run(() => calls.remove(nodeId))}>
              {labels.remove}
            </button>
            <button type="button" className="button" onClick={() => acknowledge({ nodeId, admittedAtMs })}>
              {labels.isMine}
            </button>
          </span>
        </div>
      ))}
      {action.error !== null && <ErrorNote message={action.error} />}
    </section>
  )
}
