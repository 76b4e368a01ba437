import { type ReactNode, useId, useState } from 'react'
import { useClusterStore } from '../../store/cluster-store.ts'
import { EmptyState, ErrorNote } from '../../ui/Notice.tsx'
import { View } from '../../ui/View.tsx'
import { strings } from '../../ui/strings.ts'
import { modelStrings } from './strings.ts'
import { filterModels, type ModelFilter, useCatalogue } from './model-listing.ts'
import { AnotherModel } from './AnotherModel.tsx'
import { ModelRow } from './ModelRow.tsx'
import { OtherDownloads } from './OtherDownloads.tsx'
import { selectDownloads } from './select-downloads.ts'

const filters: readonly { readonly id: ModelFilter; readonly label: string }[] = [
  { id: 'all', label: modelStrings.filterAll },
  { id: 'here', label: modelStrings.filterHere },
  { id: 'loaded', label: modelStrings.filterLoaded },
  { id: 'fits', label: modelStrings.filterFits },
]

export function ModelsView(): ReactNode {
  const downloads = useClusterStore(selectDownloads)
  // A finished download leaves the state, so its files are complete.
  const { data, error, reload } = useCatalogue(downloads.map(({ id, status }) => (status === 'done' ? `${id} done` : id)).join())
  const [search, setSearch] = useState('')
  const [filter, setFilter] = useState<ModelFilter>('all')
  const searchId = useId()
  const freeBytes = useClusterStore((state) => Object.values(state.view?.nodes ?? {}).reduce((sum, node) => sum + node.availableBytes, 0))
  const totalBytes = useClusterStore((state) => Object.values(state.view?.nodes ?? {}).reduce((sum, node) => sum + node.totalBytes, 0))
  const models = filterModels(data?.models ?? [], { search, filter, freeBytes })
  return (
    <View title={strings.routes.models} body={modelStrings.body}>
      {error && <ErrorNote message={error.message} onRetry={reload} />}
      <div className="filter-row">
        <label className="visually-hidden" htmlFor={searchId}>
          {modelStrings.search}
        </label>
        <input
          id={searchId}
          className="input"
          type="search"
          placeholder={modelStrings.searchPlaceholder}
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
        <div className="segments" role="group" aria-label={modelStrings.filter}>
          {filters.map(({ id, label }) => (
            <button key={id} type="button" aria-pressed={filter === id} onClick={() => setFilter(id)}>
              {label}
            </button>
          ))}
        </div>
      </div>
      <OtherDownloads
        downloads={downloads.filter(
          ({ modelId, status }) => status !== 'done' && data !== null && !data.models.some((model) => model.modelId === modelId),
        )}
      />
      {data === null && !error && <p className="muted">{strings.common.loading}</p>}
      {data?.models.length === 0 && <EmptyState title={modelStrings.emptyTitle}>{modelStrings.emptyBody}</EmptyState>}
      {data !== null && data.models.length > 0 && models.length === 0 && <p className="muted">{modelStrings.noMatch}</p>}
      <ul className="model-list">
        {models.map((model) => (
          <ModelRow key={model.modelId} model={model} freeBytes={freeBytes} totalBytes={totalBytes} onChange={reload} />
        ))}
      </ul>
      <AnotherModel />
    </View>
  )
}
