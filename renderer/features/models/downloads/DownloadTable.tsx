import { type ReactNode, useEffect, useState } from 'react'
import { z } from 'zod'
import type { DownloadView } from '../../../../main/shared/models/download.ts'
import { errorText } from '../../../client/error-text.ts'
import { useServices } from '../../../services/services.ts'
import { bytesText, formatWait, shortModelName } from '../../../ui/format.ts'
import { ErrorNote } from '../../../ui/Notice.tsx'
import { strings } from '../../../ui/strings.ts'
import { useAction } from '../../../ui/use-action.ts'
import { Panel } from '../../../ui/View.tsx'
import { NodeName } from '../../cluster/NodeName.tsx'
import { addPaceSample, paceOf, type PaceSample } from './download-pace.ts'
import { modelStrings } from '../strings.ts'

/** The downloads of all machines, with their speed and controls; nothing if there are none. */
export function DownloadTable({ downloads }: { readonly downloads: readonly DownloadView[] }): ReactNode {
  const labels = modelStrings.downloads
  if (downloads.length === 0) return null
  return (
    <Panel title={labels.title}>
      <div className="table-place" tabIndex={0} role="group" aria-label={labels.title}>
        <table className="table table-stacked">
          <thead>
            <tr>
              <th scope="col">{labels.model}</th>
              <th scope="col">{labels.machine}</th>
              <th scope="col">{labels.progress}</th>
              <th scope="col" className="number">
                {labels.speed}
              </th>
              <th scope="col" className="number">
                {labels.left}
              </th>
              <th scope="col">
                <span className="visually-hidden">{labels.actions}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {downloads.map((download) => (
              <DownloadRow key={download.id} download={download} />
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  )
}

function DownloadRow({ download }: { readonly download: DownloadView }): ReactNode {
  const { api } = useServices()
  const action = useAction()
  const labels = modelStrings.downloads
  const { id, modelId, nodeId, status, doneBytes, totalBytes, source, message, code } = download
  const pace = usePace(download)
  const act = (verb: 'pause' | 'resume'): void =>
    action.run(() => api.post(`/models/download/${encodeURIComponent(id)}/${verb}`, {}, z.unknown()))
  const giveUp = (): void => action.run(() => api.delete(`/models/download/${encodeURIComponent(id)}`, z.unknown()))
  const ratio = totalBytes > 0 ? Math.min(1, doneBytes / totalBytes) : 0
  const error = message === null ? action.error : errorText(code ?? null, message)
  return (
    <>
      <tr aria-label={shortModelName(modelId)} data-status={status}>
        <th scope="row" title={modelId}>
          {shortModelName(modelId)}
        </th>
        <td>
          <NodeName nodeId={nodeId} />
        </td>
        <td className="download-progress">
          <progress className="progress" aria-label={labels.percent(Math.round(ratio * 100))} max={1} value={ratio} />
          <span className="small muted number-text">
            {labels.states[status]} · {bytesText(doneBytes)} {strings.common.of}{' '}
            {totalBytes > 0 ? bytesText(totalBytes) : strings.common.none} · {source === 'hub' ? labels.fromHub : labels.fromPeer}
          </span>
        </td>
        <td className="number">{pace === null ? strings.common.none : `${bytesText(pace)}/s`}</td>
        <td className="number">{pace ? formatWait((1000 * (totalBytes - doneBytes)) / pace) : strings.common.none}</td>
        <td>
          <div className="download-actions">
            {status === 'running' ? (
              <button type="button" className="button button-small" disabled={action.isRunning} onClick={() => act('pause')}>
                {labels.pause}
              </button>
            ) : (
              <button type="button" className="button button-small" disabled={action.isRunning} onClick={() => act('resume')}>
                {labels.resume}
              </button>
            )}
            <button type="button" className="button button-small" disabled={action.isRunning} onClick={giveUp}>
              {labels.cancel}
            </button>
          </div>
        </td>
      </tr>
      {error !== null && (
        <tr className="row-note">
          <td colSpan={6}>
            <ErrorNote message={error} />
          </td>
        </tr>
      )}
    </>
  )
}

/** Bytes per second while it runs; null: it does not run, or it is too early to tell. */
function usePace({ status, doneBytes }: DownloadView): number | null {
  const [samples, setSamples] = useState<readonly PaceSample[]>([])
  useEffect(() => {
    setSamples((before) => (status === 'running' ? addPaceSample(before, { atMs: performance.now(), doneBytes }) : []))
  }, [status, doneBytes])
  return status === 'running' ? paceOf(samples) : null
}
