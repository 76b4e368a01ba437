import type { ReactNode } from 'react'
import type { ClusterView, InstanceView } from '../../main/shared/cluster-view.ts'
import { formatRate, shortModelName } from '../ui/format.ts'
import { popoverStrings } from './strings.ts'

const labels = popoverStrings

/** The loaded models and their speed. */
export function ModelList({ view, onOpenModels }: { readonly view: ClusterView; readonly onOpenModels: () => void }): ReactNode {
  const instances = Object.entries(view.instances)
  if (instances.length === 0) {
    return (
      <section className="popover-section" aria-label={labels.modelList}>
        <button type="button" className="popover-link" onClick={onOpenModels}>
          {labels.noModels}
        </button>
      </section>
    )
  }
  return (
    <ul className="popover-list popover-section" aria-label={labels.modelList}>
      {instances.map(([instanceId, instance]) => (
        <li key={instanceId} className="popover-line" title={instance.modelId}>
          <span className="popover-name">{shortModelName(instance.modelId)}</span>
          <span className="spring" />
          <span className="small number" data-status={instance.status}>
            {rateOf(instance)}
          </span>
        </li>
      ))}
    </ul>
  )
}

function rateOf({ status, decodeTokensPerSecond }: InstanceView): string {
  return status === 'ready' && decodeTokensPerSecond !== null && decodeTokensPerSecond > 0
    ? `${formatRate(decodeTokensPerSecond)} tok/s`
    : labels.modelStatus[status]
}
