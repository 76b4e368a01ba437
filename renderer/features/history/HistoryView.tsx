import { type ReactNode, useId, useMemo, useState } from 'react'
import { useServices } from '../../services/services.ts'
import { useResource } from '../../services/use-resource.ts'
import { useClusterStore } from '../../store/cluster-store.ts'
import { formatCount, formatDuration, formatRate, shortModelName } from '../../ui/format.ts'
import { EmptyState, ErrorNote } from '../../ui/Notice.tsx'
import { Panel, View } from '../../ui/View.tsx'
import { strings } from '../../ui/strings.ts'
import { historyStrings } from './strings.ts'
import { averageByModel, HistoryAnswer, toCsv } from './history-rows.ts'
import { HistoryTable } from './HistoryTable.tsx'

const HOUR_MS = 3_600_000
const periodsMs = { hour: HOUR_MS, day: 24 * HOUR_MS, week: 7 * 24 * HOUR_MS, all: null } as const
type Period = keyof typeof periodsMs
const periods = Object.keys(periodsMs) as Period[]

export function HistoryView(): ReactNode {
  const { host } = useServices()
  const [period, setPeriod] = useState<Period>('day')
  const [model, setModel] = useState('')
  const connection = useClusterStore((state) => state.connection)
  const since = useMemo(() => (periodsMs[period] === null ? '' : `&since=${Date.now() - periodsMs[period]}`), [period])
  const { data, error, reload } = useResource(`/history?limit=1000${since}`, HistoryAnswer, connection)
  const id = useId()
  const labels = historyStrings
  const all = data?.inferences ?? []
  const rows = model === '' ? all : all.filter((row) => row.model === model)
  const models = [...new Set(all.map((row) => row.model))].sort()
  return (
    <View
      title={strings.routes.history}
      body={labels.body}
      actions={
        <button
          type="button"
          className="button"
          disabled={rows.length === 0}
          onClick={() => host.saveFile('exo-history.csv', 'text/csv', toCsv(rows))}
        >
          {labels.csv}
        </button>
      }
    >
      {error && <ErrorNote message={error.details.status === 404 ? labels.off : error.message} onRetry={reload} />}
      <div className="filter-row">
        <div className="filter">
          <label htmlFor={`${id}-model`}>{labels.model}</label>
          <select id={`${id}-model`} className="select" value={model} onChange={(event) => setModel(event.target.value)}>
            <option value="">{labels.allModels}</option>
            {models.map((entry) => (
              <option key={entry} value={entry}>
                {shortModelName(entry)}
              </option>
            ))}
          </select>
        </div>
        <div className="filter">
          <label htmlFor={`${id}-period`}>{labels.period}</label>
          <select
            id={`${id}-period`}
            className="select"
            value={period}
            onChange={(event) => setPeriod(periods.find((entry) => entry === event.target.value) ?? 'day')}
          >
            {periods.map((entry) => (
              <option key={entry} value={entry}>
                {labels.periods[entry]}
              </option>
            ))}
          </select>
        </div>
      </div>
      {data === null && !error && <p className="muted">{strings.common.loading}</p>}
      {data !== null && rows.length === 0 && <EmptyState title={labels.emptyTitle}>{labels.emptyBody}</EmptyState>}
      {rows.length > 0 && (
        <>
          <Panel title={labels.byModel}>
            <AverageTable rows={rows} />
          </Panel>
          <Panel title={labels.requests} aside={<span className="muted">{formatCount(rows.length)}</span>}>
            <HistoryTable rows={rows} />
          </Panel>
        </>
      )}
    </View>
  )
}

function AverageTable({ rows }: { readonly rows: Parameters<typeof averageByModel>[0] }): ReactNode {
  const labels = historyStrings
  return (
    <div className="table-place" tabIndex={0} role="group" aria-label={labels.byModel}>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{labels.model}</th>
            {[labels.requests, labels.latency, labels.ttft, labels.decode].map((label) => (
              <th key={label} scope="col" className="number">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {averageByModel(rows).map((average) => (
            <tr key={average.model}>
              <th scope="row">{shortModelName(average.model)}</th>
              <td className="number">{formatCount(average.requests)}</td>
              <td className="number">{formatDuration(average.latencyMs)}</td>
              <td className="number">{average.ttftMs === null ? strings.common.none : formatDuration(average.ttftMs)}</td>
              <td className="number">
                {formatRate(average.decodeTokensPerSecond)} {labels.rateUnit}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
