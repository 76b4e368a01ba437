import { type ReactNode, useEffect, useRef, useState } from 'react'
import type { ClusterView } from '../../main/shared/cluster-view.ts'
import type { ShellState, ShellView } from '../../main/shared/wire/shell/shell.ts'
import type { ShellClient } from '../client/shell-client.ts'
import { LeaveButton } from '../features/join/LeaveButton.tsx'
import { Newcomers } from '../features/join/Newcomers.tsx'
import { NearbyClusters } from '../features/join/NearbyClusters.tsx'
import { PairingDialog } from '../features/join/PairingDialog.tsx'
import { useClusterStore } from '../store/cluster-store.ts'
import { Icon } from '../ui/Icon.tsx'
import { strings } from '../ui/strings.ts'
import { popoverStrings } from './strings.ts'
import { joinStrings } from '../features/join/strings.ts'
import { MachineList } from './MachineList.tsx'
import { ModelList } from './ModelList.tsx'
import { NodeNotice } from './NodeNotice.tsx'

const labels = popoverStrings

/** The popover of the menu-bar icon: this machine, its cluster, and links to the app's windows. */
export function Popover({ shell }: { readonly shell: ShellClient }): ReactNode {
  const [state, setState] = useState<ShellState | null>(null)
  const [error, setError] = useState<string | null>(null)
  const page = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const show = (next: ShellState): void => {
      setState(next)
      useClusterStore.setState({ view: next.view, membership: next.membership, connection: next.view ? 'live' : 'connecting' })
    }
    const stop = shell.onState(show)
    shell.call('get-state').then(show, (cause: Error) => setError(cause.message))
    return stop
  }, [shell])
  const isWaiting = state === null
  useEffect(() => {
    if (!page.current) return
    const observer = new ResizeObserver(([entry]) => {
      const height = Math.ceil(entry?.borderBoxSize[0]?.blockSize ?? 0)
      if (height > 0) void shell.call('fit-popover', Math.max(120, Math.min(720, height))).catch((cause: Error) => setError(cause.message))
    })
    observer.observe(page.current)
    return () => observer.disconnect()
  }, [shell, isWaiting])
  const run = (act: Promise<unknown>): void =>
    void act.then(
      () => setError(null),
      (cause: Error) => setError(cause.message),
    )
  if (!state) return <p className="popover-empty muted">{error ?? strings.common.loading}</p>

  const { view, node, membership } = state
  const open = (target: ShellView): void => run(shell.call('open-window', target))
  return (
    <div ref={page} className="popover">
      <header className="popover-head">
        <span className="popover-dot" data-node={node.kind} aria-hidden="true" />
        <div>
          <h1>{membership?.clusterName ?? view?.clusterName ?? strings.product}</h1>
          <p className="muted small">{summaryOf(state)}</p>
        </div>
        <LeaveButton />
        <button
          type="button"
          className="icon-button popover-settings"
          aria-label={strings.routes.settings}
          disabled={node.kind !== 'running'}
          onClick={() => open('settings')}
        >
          <Icon name="settings" />
        </button>
      </header>
      <NodeNotice state={state} onRestart={() => run(shell.call('restart-node'))} onShowLog={() => run(shell.call('show-log'))} />
      <Newcomers />
      {view && <MachineList view={view} />}
      {view && <ModelList view={view} onOpenModels={() => open('models')} />}
      {membership && membership.nearby.length > 0 && (
        <section className="popover-nearby" aria-label={joinStrings.nearby}>
          <h2>{joinStrings.nearby}</h2>
          <NearbyClusters />
        </section>
      )}
      <PairingDialog />
      {error && (
        <p className="popover-error small" role="alert">
          {error}
        </p>
      )}
      <footer className="popover-foot">
        <button type="button" className="button button-primary" disabled={node.kind !== 'running'} onClick={() => open('chat')}>
          <Icon name="chat" />
          {labels.openChat}
        </button>
        <button type="button" className="button" disabled={node.kind !== 'running'} onClick={() => open('cluster')}>
          {labels.openDashboard}
        </button>
        <CopyAddress isEnabled={node.kind === 'running'} copy={() => shell.call('copy-api-address')} onError={setError} />
        <button type="button" className="icon-button" aria-label={labels.quit} title={labels.quit} onClick={() => run(shell.call('quit'))}>
          <Icon name="power" />
        </button>
      </footer>
    </div>
  )
}

function summaryOf({ node, view, progress }: ShellState): string {
  if (node.kind !== 'running')
    return node.kind === 'starting' && progress ? `${progress.label} ${Math.round(progress.doneRatio * 100)}%` : labels.node[node.kind]
  if (!view) return labels.node.starting
  const count = Object.keys(view.nodes).length
  return count <= 1 ? labels.alone : `${strings.common.machines(count)} · ${leaderOf(view)}`
}

function leaderOf({ leader, nodes, nodeId }: ClusterView): string {
  if (!leader) return labels.noLeader
  return leader.nodeId === nodeId ? labels.leads : labels.ledBy(nodes[leader.nodeId]?.name ?? strings.common.none)
}

const COPIED_FOR_MS = 1500

function CopyAddress({
  isEnabled,
  copy,
  onError,
}: {
  readonly isEnabled: boolean
  readonly copy: () => Promise<void>
  readonly onError: (message: string) => void
}): ReactNode {
  const [isCopied, setIsCopied] = useState(false)
  useEffect(() => {
    if (!isCopied) return
    const timer = setTimeout(() => setIsCopied(false), COPIED_FOR_MS)
    return () => clearTimeout(timer)
  }, [isCopied])
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={isCopied ? strings.common.copied : labels.copyAddress}
      title={labels.copyAddress}
      disabled={!isEnabled}
      onClick={() =>
        void copy().then(
          () => setIsCopied(true),
          (cause: Error) => onError(cause.message),
        )
      }
    >
      <Icon name={isCopied ? 'check' : 'copy'} />
    </button>
  )
}
