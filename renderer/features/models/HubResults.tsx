import { DropdownMenu } from 'radix-ui'
import { type ReactNode, useEffect, useState } from 'react'
import { z } from 'zod'
import { HubHit } from '../../../main/shared/models/hub-hit.ts'
import { useServices } from '../../services/services.ts'
import { useResource } from '../../services/use-resource.ts'
import { useClusterStore } from '../../store/cluster-store.ts'
import { bytesText, formatCompact, shortModelName } from '../../ui/format.ts'
import { Icon } from '../../ui/Icon.tsx'
import { ErrorNote } from '../../ui/Notice.tsx'
import { strings } from '../../ui/strings.ts'
import { useAction } from '../../ui/use-action.ts'
import type { ClusterMemory } from './model-fit.ts'
import type { CatalogueRow } from './model-listing.ts'
import { ModelFit } from './ModelFit.tsx'
import { DownloadElsewhere, useOtherMachines } from './downloads/DownloadElsewhere.tsx'
import { selectDownloads } from './downloads/select-downloads.ts'
import { modelStrings } from './strings.ts'

const Hits = z.object({ models: z.array(HubHit.extend({ isSupported: z.boolean().nullable() })) })
type Hit = z.infer<typeof Hits>['models'][number]

/** A person who is still typing asks for nothing. */
const PAUSE_MS = 400
const MODEL_ID = /^[\w.-]+\/[\w.-]+$/

export interface HubResultsProps {
  /** Empty: what is popular now, on demand. */
  readonly search: string
  /** Models that the page shows already. */
  readonly known: readonly CatalogueRow[]
  readonly memory: ClusterMemory
}

/** What Hugging Face has. A name that it does not list can be downloaded all the same. */
export function HubResults({ search, known, memory }: HubResultsProps): ReactNode {
  const labels = modelStrings.hub
  const [isTrendingShown, setIsTrendingShown] = useState(false)
  const settled = useSettled(search, PAUSE_MS)
  const isAsked = search === '' ? isTrendingShown : settled === search
  const { data, error, isLoading, reload } = useResource(isAsked ? `/models/hub?search=${encodeURIComponent(search)}` : null, Hits)
  const isKnown = (modelId: string): boolean => known.some((model) => model.modelId === modelId)
  const hits = data?.models.filter(({ modelId }) => !isKnown(modelId)) ?? []
  const isUnlistedName = MODEL_ID.test(search) && !isKnown(search) && !hits.some(({ modelId }) => modelId === search)
  return (
    <section className="model-section" aria-label={search === '' ? labels.trending : labels.title}>
      <h2>{search === '' ? labels.trending : labels.title}</h2>
      {search === '' && !isTrendingShown && (
        <button type="button" className="button" onClick={() => setIsTrendingShown(true)}>
          {labels.showTrending}
        </button>
      )}
      {error && <ErrorNote message={error.message} onRetry={reload} />}
      {isAsked && isLoading && data === null && <p className="muted">{strings.common.loading}</p>}
      {data !== null && hits.length === 0 && !isUnlistedName && <p className="muted">{labels.nothing}</p>}
      <ul className="model-list">
        {isUnlistedName && <NamedRow modelId={search} />}
        {hits.map((hit) => (
          <HitRow key={hit.modelId} hit={hit} memory={memory} />
        ))}
      </ul>
    </section>
  )
}

function HitRow({ hit, memory }: { readonly hit: Hit; readonly memory: ClusterMemory }): ReactNode {
  const labels = modelStrings.hub
  const { modelId, downloads, likes, weightBytes, isGated, isSupported } = hit
  return (
    <li className="model" aria-label={shortModelName(modelId)}>
      <HubRow
        modelId={modelId}
        download={weightBytes === null ? labels.downloadUnknown : labels.download(bytesText(weightBytes))}
        isSupported={isSupported !== false}
      >
        {isGated && <span className="badge badge-warning">{labels.gated}</span>}
        {isSupported === false && <span className="badge">{labels.unsupported}</span>}
      </HubRow>
      <div className="model-facts">
        <span className="muted number-text">{labels.popularity(formatCompact(downloads), formatCompact(likes))}</span>
        {weightBytes !== null && <ModelFit weightBytes={weightBytes} memory={memory} />}
      </div>
    </li>
  )
}

function NamedRow({ modelId }: { readonly modelId: string }): ReactNode {
  return (
    <li className="model" aria-label={shortModelName(modelId)}>
      <HubRow modelId={modelId} download={modelStrings.hub.downloadUnknown} isSupported />
    </li>
  )
}

interface HubRowProps {
  readonly modelId: string
  readonly download: string
  readonly isSupported: boolean
  readonly children?: ReactNode
}

function HubRow({ modelId, download, isSupported, children }: HubRowProps): ReactNode {
  const { api } = useServices()
  const action = useAction()
  const others = useOtherMachines(modelId)
  const [told, setTold] = useState<string | null>(null)
  const isComing = useClusterStore((state) => selectDownloads(state).some((download) => download.modelId === modelId))
  const start = (): void => action.run(() => api.post('/models/download', { model: modelId }, z.unknown()))
  return (
    <>
      <div className="model-head">
        <div className="model-name">
          <h3>
            {shortModelName(modelId)} {children}
          </h3>
          <p className="muted small">{modelId}</p>
        </div>
        <div className="view-actions">
          {isComing ? (
            <span className="badge badge-accent">{modelStrings.hub.coming}</span>
          ) : (
            <button type="button" className="button" disabled={action.isRunning || !isSupported} onClick={start}>
              {download}
            </button>
          )}
          {others.length > 0 && isSupported && (
            <DropdownMenu.Root modal={false}>
              <DropdownMenu.Trigger
                className="icon-button"
                aria-label={modelStrings.actionsOf(shortModelName(modelId))}
                disabled={action.isRunning}
              >
                <Icon name="more" />
              </DropdownMenu.Trigger>
              <DropdownMenu.Portal>
                <DropdownMenu.Content className="menu" align="end">
                  <DownloadElsewhere modelId={modelId} action={action} onTell={setTold} />
                </DropdownMenu.Content>
              </DropdownMenu.Portal>
            </DropdownMenu.Root>
          )}
        </div>
      </div>
      {told !== null && (
        <p className="muted small" role="status">
          {told}
        </p>
      )}
      {action.error !== null && <ErrorNote message={action.error} />}
    </>
  )
}

/** A value after it has not changed for a while. */
function useSettled(value: string, pauseMs: number): string | null {
  const [settled, setSettled] = useState<string | null>(null)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), pauseMs)
    return () => clearTimeout(timer)
  }, [value, pauseMs])
  return settled
}
