import type { ReactNode } from 'react'
import type { DownloadView } from '../../../main/shared/models/download.ts'
import { shortModelName } from '../../ui/format.ts'
import { Panel } from '../../ui/View.tsx'
import { modelStrings } from './strings.ts'
import { DownloadRow } from './DownloadRow.tsx'

/** Downloads of models that are not in the catalogue and therefore have no row of their own yet. */
export function OtherDownloads({ downloads }: { readonly downloads: readonly DownloadView[] }): ReactNode {
  if (downloads.length === 0) return null
  return (
    <Panel title={modelStrings.onTheirWay}>
      <ul className="model-list">
        {downloads.map((download) => (
          <li key={download.id} aria-label={shortModelName(download.modelId)}>
            <h3>{download.modelId}</h3>
            <DownloadRow download={download} />
          </li>
        ))}
      </ul>
    </Panel>
  )
}
