import type { ReactNode } from 'react'
import { useClusterStore } from '../../store/cluster-store.ts'
import { selectLeaderId, selectNode, selectOwnNodeId } from '../../store/select-cluster.ts'
import { formatClock, formatDay, memoryText, systemName } from '../../ui/format.ts'
import { strings } from '../../ui/strings.ts'
import { describeSensors } from './describe-sensors.ts'
import { clusterStrings } from './strings.ts'
import { offlineMachines } from '../activity/offline-machines.ts'
import { useActivity } from '../activity/use-activity.ts'
import { MemoryBar } from '../memory/MemoryBar.tsx'

export function NodeTable({ nodeIds }: { readonly nodeIds: readonly string[] }): ReactNode {
  const labels = clusterStrings
  const { data: log } = useActivity()
  const offline = offlineMachines(log ?? [], nodeIds, Date.now())
  return (
    <div className="table-place" tabIndex={0} role="group" aria-label={labels.machines}>
      <table className="table table-stacked">
        <thead>
          <tr>
            {[labels.machine, labels.chip, labels.memory, labels.addresses, labels.version].map((label) => (
              <th key={label} scope="col">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {nodeIds.map((nodeId) => (
            <NodeRow key={nodeId} nodeId={nodeId} />
          ))}
          {offline.map((machine) => (
            <tr key={machine.nodeId} className="muted">
              <th scope="row">
                <span className="node-title">{machine.name}</span> <span className="badge badge-warning">{labels.offline}</span>
              </th>
              <td colSpan={4}>{labels.offlineSince(formatDay(machine.sinceMs), formatClock(machine.sinceMs))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** The row of one machine. It renders again only when that machine changes. */
function NodeRow({ nodeId }: { readonly nodeId: string }): ReactNode {
  const node = useClusterStore(selectNode(nodeId))
  const isLeader = useClusterStore(selectLeaderId) === nodeId
  const isOwn = useClusterStore(selectOwnNodeId) === nodeId
  const { leader, thisMachine } = strings.common
  if (!node) return null
  return (
    <tr>
      <th scope="row">
        <span className="node-title">{node.name}</span> {isLeader && <span className="badge badge-accent">{leader}</span>}{' '}
        {isOwn && <span className="badge">{thisMachine}</span>}
      </th>
      <td>
        {[node.model, node.chip].filter(Boolean).join(', ')} <span className="muted">{systemName(node.platform)}</span>
        {node.sensors && <div className="muted small number-text">{describeSensors(node.sensors)}</div>}
      </td>
      <td className="memory-cell">
        <MemoryBar nodeId={nodeId} />
        <span className="muted small number-text">
          {strings.common.used(memoryText(node.totalBytes - node.availableBytes), memoryText(node.totalBytes))}
        </span>
      </td>
      <td className="muted small">
        {addressesToShow(node.addresses).map((address) => (
          <div key={address}>{address}</div>
        ))}
      </td>
      <td className="muted">{node.version}</td>
    </tr>
  )
}

/** Link-local addresses are hidden, unless a machine has no others. */
function addressesToShow(addresses: readonly string[]): readonly string[] {
  const wider = addresses.filter((address) => !/^(fe80:|169\.254\.)/i.test(address))
  return (wider.length > 0 ? wider : addresses).slice(0, 2)
}
