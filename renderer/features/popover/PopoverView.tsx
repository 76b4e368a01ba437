import type { ReactNode } from 'react'
import { useShallow } from 'zustand/react/shallow'
import { formatBytes } from '../../../main/shared/byte-size.ts'
import { addressOf } from '../../app/routes.ts'
import { useServices } from '../../client/services.ts'
import { useClusterStore } from '../../store/cluster-store.ts'
import { selectInstance, selectInstanceIds, selectLeaderId, selectNode, selectNodeIds, selectOwnNodeId } from '../../store/select-cluster.ts'
import { CopyButton } from '../../ui/CopyButton.tsx'
import { formatRate, shortModelName } from '../../ui/format.ts'
import { strings } from '../../ui/strings.ts'
import { NodeName } from '../cluster/NodeName.tsx'
import { LeaveButton } from '../join/LeaveButton.tsx'
import { NearbyClusters } from '../join/NearbyClusters.tsx'
import { MemoryBar } from '../memory/MemoryBar.tsx'

/** The window under the menu bar's icon: all that matters, at a glance. */
export function PopoverView(): ReactNode {
  const { host } = useServices()
  const nodeIds = useClusterStore(useShallow(selectNodeIds))
  const instanceIds = useClusterStore(useShallow(selectInstanceIds))
  const leaderId = useClusterStore(selectLeaderId)
  const clusterName = useClusterStore((state) => state.membership?.clusterName ?? state.view?.clusterName ?? '')
  const connection = useClusterStore((state) => state.connection)
  const labels = strings.popover
  const baseUrl = `${host.apiUrl}/v1`
  return (
    <div className="popover">
      <header className="popover-head">
        <div>
          <h1>{clusterName === '' ? strings.product : clusterName}</h1>
          <p className="muted small connection-state" data-connection={connection}>
            <span className="dot" />
            {strings.connection[connection]}
            {leaderId !== null && (
              <span>
                {' · '}
                {strings.common.leader}: <NodeName nodeId={leaderId} />
              </span>
            )}
          </p>
        </div>
        <LeaveButton />
      </header>
      <section aria-label={strings.cluster.machines}>
        <h2>{strings.cluster.machines}</h2>
        <ul>
          {nodeIds.map((nodeId) => (
            <PopoverNode key={nodeId} nodeId={nodeId} />
          ))}
        </ul>
      </section>
      <section aria-label={labels.models}>
        <h2>{labels.models}</h2>
        {instanceIds.length === 0 ? (
          <p className="muted small">{strings.instances.emptyTitle}</p>
        ) : (
          <ul>
            {instanceIds.map((instanceId) => (
              <PopoverInstance key={instanceId} instanceId={instanceId} />
            ))}
          </ul>
        )}
      </section>
      <section aria-label={strings.join.nearby}>
        <h2>{strings.join.nearby}</h2>
        <NearbyClusters />
      </section>
      <footer className="popover-actions">
        <a className="button button-primary" href={addressOf('chat')} target="exo">
          {strings.routes.chat}
        </a>
        <a className="button" href={addressOf('cluster')} target="exo">
          {labels.dashboard}
        </a>
        <a className="button" href={addressOf('settings')} target="exo">
          {strings.routes.settings}
        </a>
        <span className="spring" />
        <CopyButton label={strings.introduction.copyAddress} text={() => baseUrl} />
      </footer>
    </div>
  )
}

function PopoverNode({ nodeId }: { readonly nodeId: string }): ReactNode {
  const node = useClusterStore(selectNode(nodeId))
  const isOwn = useClusterStore(selectOwnNodeId) === nodeId
  if (!node) return null
  return (
    <li className="popover-node">
      <p>
        <b>{node.name}</b> {isOwn && <span className="badge">{strings.common.thisMachine}</span>}
        <span className="spring" />
        <span className="muted small number-text">
          {formatBytes(node.availableBytes)} {strings.common.free}
        </span>
      </p>
      <MemoryBar nodeId={nodeId} />
    </li>
  )
}

function PopoverInstance({ instanceId }: { readonly instanceId: string }): ReactNode {
  const instance = useClusterStore(selectInstance(instanceId))
  if (!instance) return null
  const { decodeTokensPerSecond, status, modelId } = instance
  return (
    <li className="popover-model">
      <span>{shortModelName(modelId)}</span>
      <span className="spring" />
      <span className="muted small number-text">
        {status === 'ready' ? `${formatRate(decodeTokensPerSecond)} ${strings.throughput.unit}` : strings.instances.status[status]}
      </span>
    </li>
  )
}
