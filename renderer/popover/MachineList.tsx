import type { ReactNode } from 'react'
import type { ClusterView } from '../../main/shared/cluster-view.ts'
import { kvBytesOn, weightBytesOn } from '../store/select-cluster.ts'
import { memoryParts, shareMemory } from '../ui/memory-share.ts'
import { StackedBar } from '../ui/StackedBar.tsx'
import { strings } from '../ui/strings.ts'
import { memoryText } from '../ui/format.ts'
import { popoverStrings } from './strings.ts'

/** The machines of the cluster with their memory use, this machine first. */
export function MachineList({ view }: { readonly view: ClusterView }): ReactNode {
  const machines = Object.entries(view.nodes).sort(([a], [b]) => Number(b === view.nodeId) - Number(a === view.nodeId))
  return (
    <ul className="popover-list" aria-label={popoverStrings.machineList}>
      {machines.map(([nodeId, { name, chip, totalBytes, availableBytes }]) => {
        // A machine that has just joined has not reported its free memory yet.
        const usedBytes = availableBytes === 0 ? null : totalBytes - availableBytes
        const share = shareMemory({
          totalBytes,
          availableBytes: usedBytes === null ? totalBytes : availableBytes,
          weightBytes: weightBytesOn(view, nodeId),
          kvBytes: kvBytesOn(view, nodeId),
        })
        const usedText = strings.common.used(usedBytes === null ? strings.common.none : memoryText(usedBytes), memoryText(totalBytes))
        const label = popoverStrings.memoryOf(name)
        return (
          <li key={nodeId}>
            <div className="popover-line">
              <span className="popover-name">{name}</span>
              {nodeId === view.leader?.nodeId && Object.keys(view.nodes).length > 1 && (
                <span className="badge">{strings.common.leader}</span>
              )}
              <span className="spring" />
              <span className="muted small number">{usedText}</span>
            </div>
            <div
              className="popover-meter"
              role="meter"
              aria-label={label}
              aria-valuemin={0}
              aria-valuemax={totalBytes}
              aria-valuenow={usedBytes ?? 0}
              aria-valuetext={usedText}
            >
              <StackedBar label={label} total={totalBytes} parts={memoryParts(share)} />
            </div>
            <p className="muted popover-chip">{nodeId === view.nodeId ? `${chip} · ${strings.common.thisMachine}` : chip}</p>
          </li>
        )
      })}
    </ul>
  )
}
