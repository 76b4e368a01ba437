import type { ReactNode } from 'react'
import { formatRate } from '../../ui/format.ts'
import type { CatalogueRow } from './model-listing.ts'
import type { ModelStatus } from './model-status.ts'
import { modelStrings } from './strings.ts'

export interface ModelBadgeProps {
  readonly model: Pick<CatalogueRow, 'loaded' | 'isHere'>
  readonly status: ModelStatus
}

/** A badge that says what happens to a model; nothing if there is nothing to say. */
export function ModelBadge({ model, status }: ModelBadgeProps): ReactNode {
  const labels = modelStrings.states
  switch (status.kind) {
    case 'ready':
      return (
        <span className="badge badge-success">
          {status.tokensPerSecond ? labels.readyAt(formatRate(status.tokensPerSecond)) : labels.ready}
        </span>
      )
    case 'loading':
      return <span className="badge badge-accent">{labels.loading(Math.floor(status.ratio * 100))}</span>
    case 'downloading':
      return <span className="badge badge-accent">{labels.downloading(percent(status))}</span>
    case 'recovering':
      return <span className="badge badge-warning">{labels.recovering}</span>
    case 'failed':
      return <span className="badge badge-danger">{labels.failed}</span>
    case 'idle':
      return model.loaded ? (
        <span className="badge badge-success">{labels.ready}</span>
      ) : model.isHere ? (
        <span className="badge">{modelStrings.here}</span>
      ) : null
  }
}

function percent({ doneBytes, totalBytes }: { readonly doneBytes: number; readonly totalBytes: number }): number {
  return totalBytes > 0 ? Math.floor((100 * doneBytes) / totalBytes) : 0
}
