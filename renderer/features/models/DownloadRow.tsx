import type { ReactNode } from 'react'
import { z } from 'zod'
import { formatBytes } from '../../../main/shared/formats/byte-size.ts'
import type { DownloadView } from '../../../main/shared/models/download.ts'
import { useServices } from '../../services/services.ts'
import { ErrorNote } from '../../ui/Notice.tsx'
import { strings } from '../../ui/strings.ts'
import { modelStrings } from './strings.ts'
import { useAction } from '../../ui/use-action.ts'
import { NodeName } from '../cluster/NodeName.tsx'

/** A download to a machine, with its progress and its controls. */
export function DownloadRow({ download }: { readonly download: DownloadView }): ReactNode {
  const { api } = useServices()
  const action = useAction()
  const labels = modelStrings
  const { id, nodeId, status, doneBytes, totalBytes, source, message } = download
  const act = (verb: 'pause' | 'resume'): void =>
    action.run(() => api.post(`/models/download/${encodeURIComponent(id)}/${verb}`, {}, z.unknown()))
  const giveUp = (): void => action.run(() => api.delete(`/models/download/${encodeURIComponent(id)}`, z.unknown()))
  const ratio = totalBytes > 0 ? Math.min(1, doneBytes / totalBytes) : 0
  return (
    <div className="download" data-status={status}>
      <div className="download-head">
        <span className="small">
          {labels.downloadStates[status]} <NodeName nodeId={nodeId} />
          <span className="muted">
            {' · '}
            {source === 'hub' ? labels.fromHub : labels.fromPeer}
          </span>
        </span>
        <span className="spring" />
        <span className="small muted number-text">
          {formatBytes(doneBytes)} {strings.common.of} {totalBytes > 0 ? formatBytes(totalBytes) : strings.common.none}
        </span>
        {status === 'running' ? (
          <button type="button" className="button" disabled={action.isRunning} onClick={() => act('pause')}>
            {labels.pause}
          </button>
        ) : (
          status !== 'done' && (
            <button type="button" className="button" disabled={action.isRunning} onClick={() => act('resume')}>
              {labels.resume}
            </button>
          )
        )}
        {status !== 'done' && (
          <button type="button" className="button" disabled={action.isRunning} onClick={giveUp}>
            {labels.giveUp}
          </button>
        )}
      </div>
      <progress className="progress" aria-label={labels.downloadOf(Math.round(ratio * 100))} max={1} value={ratio} />
      {message !== null && <ErrorNote message={message} />}
      {action.error !== null && <ErrorNote message={action.error} />}
    </div>
  )
}
