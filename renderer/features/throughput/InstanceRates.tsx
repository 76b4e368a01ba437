import type { ReactNode } from 'react'
import { useShallow } from 'zustand/react/shallow'
import { useClusterStore } from '../../store/cluster-store.ts'
import { selectInstance, selectInstanceIds } from '../../store/select-cluster.ts'
import { formatDuration, formatRate, shortModelName } from '../../ui/format.ts'
import { Panel } from '../../ui/View.tsx'
import { strings } from '../../ui/strings.ts'
import { throughputStrings } from './strings.ts'
import { historyStrings } from '../history/strings.ts'

/** The current speed and queue of each loaded model. */
export function InstanceRates(): ReactNode {
  const instanceIds = useClusterStore(useShallow(selectInstanceIds))
  const labels = throughputStrings
  if (instanceIds.length === 0) return null
  return (
    <Panel title={labels.byModel}>
      <div className="table-place" tabIndex={0} role="group" aria-label={labels.byModel}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{historyStrings.model}</th>
              {[`${labels.decode}, ${labels.unit}`, `${labels.prefill}, ${labels.unit}`, labels.ttft, labels.running, labels.waiting].map(
                (label) => (
                  <th key={label} scope="col" className="number">
                    {label}
                  </th>
                ),
              )}
            </tr>
          </thead>
          <tbody>
            {instanceIds.map((instanceId) => (
              <InstanceRate key={instanceId} instanceId={instanceId} />
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  )
}

function InstanceRate({ instanceId }: { readonly instanceId: string }): ReactNode {
  const instance = useClusterStore(selectInstance(instanceId))
  if (!instance) return null
  const { modelId, decodeTokensPerSecond, prefillTokensPerSecond, ttftMs, running, waiting } = instance
  return (
    <tr>
      <th scope="row">{shortModelName(modelId)}</th>
      <td className="number">{formatRate(decodeTokensPerSecond)}</td>
      <td className="number">{formatRate(prefillTokensPerSecond)}</td>
      <td className="number">{ttftMs === undefined ? strings.common.none : formatDuration(ttftMs)}</td>
      <td className="number">{running ?? strings.common.none}</td>
      <td className="number">{waiting ?? strings.common.none}</td>
    </tr>
  )
}
