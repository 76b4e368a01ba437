import { type ReactNode, useDeferredValue, useId, useMemo, useState } from 'react'
import { useShallow } from 'zustand/react/shallow'
import { pastedModelId } from '../../../main/shared/models/pasted-model-id.ts'
import { useClusterStore } from '../../store/cluster-store.ts'
import { selectClusterMemory } from '../../store/select-cluster.ts'
import { EmptyState, ErrorNote } from '../../ui/Notice.tsx'
import { View } from '../../ui/View.tsx'
import { strings } from '../../ui/strings.ts'
import { BestModels } from './BestModels.tsx'
import { DownloadTable } from './downloads/DownloadTable.tsx'
import { HubResults } from './HubResults.tsx'
import { groupModels } from './model-groups.ts'
import { useCatalogue } from './model-listing.ts'
import { sectionModels } from './model-sections.ts'
import { ModelSection } from './ModelSection.tsx'
import { selectDownloads } from './downloads/select-downloads.ts'
import { memoryText } from '../../ui/format.ts'
import { SpeedBookProvider } from './speed/SpeedBookProvider.tsx'
import { modelStrings } from './strings.ts'

/** Models that are loaded, here, recommended, or to be had: one search over all of them and over the hub. */
export function ModelsView(): ReactNode {
  const downloads = useClusterStore(selectDownloads)
  // A finished download leaves the state, so its files are complete.
  const { data, error, reload } = useCatalogue(downloads.map(({ id, status }) => (status === 'done' ? `${id} done` : id)).join())
  const [typed, setTyped] = useState('')
  const [family, setFamily] = useState<string | null>(null)
  const searchId = useId()
  const familyId = useId()
  const memory = useClusterStore(useShallow(selectClusterMemory))
  const placed = useClusterStore((state) =>
    Object.values(state.view?.instances ?? {})
      .map(({ modelId }) => modelId)
      .sort()
      .join('\n'),
  )
  const search = useDeferredValue(pastedModelId(typed))
  const groups = useMemo(() => groupModels(data?.models ?? []), [data])
  const families = useMemo(
    () => [...new Set(groups.map((group) => group.family))].sort((first, second) => first.localeCompare(second)),
    [groups],
  )
  const sections = sectionModels(groups, { search, family }, memory, new Set(placed.split('\n')))
  const { loaded, here, fitting, tooBig } = sections
  const isSearching = search !== '' || family !== null
  const row = { memory, onChange: reload }
  return (
    <View title={strings.routes.models} body={modelStrings.body}>
      {error && <ErrorNote message={error.message} onRetry={reload} />}
      <div className="filter-row" role="search">
        <label className="visually-hidden" htmlFor={searchId}>
          {modelStrings.search}
        </label>
        <input
          id={searchId}
          className="input"
          type="search"
          maxLength={256}
          autoCapitalize="off"
          spellCheck={false}
          placeholder={modelStrings.searchPlaceholder}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        <label className="visually-hidden" htmlFor={familyId}>
          {modelStrings.family}
        </label>
        <select id={familyId} className="select" value={family ?? ''} onChange={(event) => setFamily(event.target.value || null)}>
          <option value="">{modelStrings.allFamilies}</option>
          {families.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </div>
      <DownloadTable downloads={downloads.filter(({ status }) => status !== 'done')} />
      {data === null && !error && <p className="muted">{strings.common.loading}</p>}
      {data?.models.length === 0 && <EmptyState title={modelStrings.emptyTitle}>{modelStrings.emptyBody}</EmptyState>}
      <SpeedBookProvider>
        {!isSearching && <BestModels groups={groups} memory={memory} />}
        <ModelSection title={modelStrings.sections.loaded} groups={loaded} {...row} />
        <ModelSection title={modelStrings.sections.here} groups={here} {...row} />
        <ModelSection
          title={isSearching ? modelStrings.sections.found : modelStrings.sections.fitting(memoryText(memory.freeBytes))}
          groups={fitting}
          most={isSearching ? undefined : 6}
          {...row}
        />
        {search !== '' && <HubResults search={search} known={data?.models ?? []} memory={memory} />}
        {tooBig.length > 0 && (
          <details className="fold" open={isSearching && loaded.length + here.length + fitting.length === 0}>
            <summary>{modelStrings.sections.tooBig(tooBig.length)}</summary>
            <ModelSection title={null} groups={tooBig} {...row} />
          </details>
        )}
        {search === '' && data !== null && <HubResults search="" known={data.models} memory={memory} />}
      </SpeedBookProvider>
    </View>
  )
}
