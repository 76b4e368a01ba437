import type { ReactNode } from 'react'
import { formatMemory } from '../../main/shared/formats/byte-size.ts'
import type { ClusterView } from '../../main/shared/cluster-view.ts'
import { strings } from '../ui/strings.ts'
import { popoverStrings } from './strings.ts'

/** Above this share a machine is short of memory. */
const PRESSURE_RATIO = 0.9

/** The machines of the cluster with their memory use, this machine first. */
export function MachineList({ view }: { readonly view: ClusterView }): ReactNode {
  const machines = Object.entries(view.nodes).sort(([a], [b]) => Number(b === view.nodeId) - Number(a === view.nodeId))
  return (
    <ul className="popover-list" aria-label={popoverStrings.machineList}>
      {machines.map(([nodeId, { name, chip, totalBytes, availableBytes }]) => {
        // A machine that has just joined has not reported its free memory yet.
        const usedBytes = availableBytes === 0 ? null : totalBytes - availableBytes
        const usedRatio = usedBytes === null || totalBytes === 0 ? 0 : usedBytes / totalBytes
        return (
          <li key={nodeId}>
            <div className="popover-line">
              <span className="popover-name">{name}</span>
              {nodeId === view.leader?.nodeId && Object.keys(view.nodes).length > 1 && (
                <span className="badge">{strings.common.leader}</span>
              )}
              <span className="spring" />
              <span className="muted small number">
                {usedBytes === null ? strings.common.none : formatMemory(usedBytes)} / {formatMemory(totalBytes)}
              </span>
            </div>
            <meter
              className="popover-meter"
              min={0}
              max={1}
              high={PRESSURE_RATIO}
              value={usedRatio}
              aria-label={popoverStrings.memoryOf(name)}
            />
            <p className="muted popover-chip">{nodeId === view.nodeId ? `${chip} · ${strings.common.thisMachine}` : chip}</p>
          </li>
        )
      })}
    </ul>
  )
}
