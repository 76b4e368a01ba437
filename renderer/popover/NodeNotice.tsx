import type { ReactNode } from 'react'
import type { ShellState } from '../../main/shared/wire/shell/shell.ts'
import { popoverStrings } from './strings.ts'

const labels = popoverStrings

/** Shows a problem with this machine's node and its fix, or that the node was not started by the app. */
export function NodeNotice({
  state: { node },
  onRestart,
  onShowLog,
}: {
  readonly state: ShellState
  readonly onRestart: () => void
  readonly onShowLog: () => void
}): ReactNode {
  if (node.kind === 'running' && !node.isOurs) return <p className="popover-hint muted small">{labels.startedElsewhere}</p>
  if (node.kind !== 'failed' && node.kind !== 'restarting') return null
  return (
    <section className="popover-notice" role="status" data-node={node.kind}>
      <p>{node.kind === 'failed' ? node.message : labels.diedAndRestarts(node.reason)}</p>
      <div className="popover-line">
        <button type="button" className="button" onClick={onRestart}>
          {labels.restart}
        </button>
        <button type="button" className="button" onClick={onShowLog}>
          {labels.showLog}
        </button>
      </div>
    </section>
  )
}
