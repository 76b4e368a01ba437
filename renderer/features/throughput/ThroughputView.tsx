import { type ReactNode, useState } from 'react'
import { useResource } from '../../services/use-resource.ts'
import { useClusterStore } from '../../store/cluster-store.ts'
import { selectLoadedModels } from '../../store/select-cluster.ts'
import { formatDuration, formatRate } from '../../ui/format.ts'
import { Panel, View } from '../../ui/View.tsx'
import { strings } from '../../ui/strings.ts'
import { throughputStrings } from './strings.ts'
import { decodeRateOf, HistoryAnswer, isFinished, medianOfRows } from '../history/history-rows.ts'
import { useRateStore } from './rate-store.ts'
import { InstanceRates } from './InstanceRates.tsx'
import { TimeChart } from './TimeChart.tsx'

const HOUR_MS = 3_600_000

export function ThroughputView(): ReactNode {
  const samples = useRateStore((state) => state.samples)
  const latest = samples.at(-1)
  const labels = throughputStrings
  const hasRates = samples.some((sample) => sample.decodeTokensPerSecond > 0 || sample.prefillTokensPerSecond > 0)
  const hasFirstTokens = samples.some(({ ttftMs }) => ttftMs !== null)
  return (
    <View title={strings.routes.throughput} body={labels.body}>
      <div className="figures">
        <Figure
          name={labels.decode}
          value={formatRate(lastRate(samples.map((sample) => sample.decodeTokensPerSecond)))}
          unit={labels.unit}
        />
        <Figure
          name={labels.prefill}
          value={formatRate(lastRate(samples.map((sample) => sample.prefillTokensPerSecond)))}
          unit={labels.unit}
        />
        <Figure name={labels.ttft} value={durationOf(latest?.ttftMs ?? null)} unit="" />
        <Figure name={labels.running} value={String(latest?.running ?? 0)} unit="" />
        <Figure name={labels.waiting} value={String(latest?.waiting ?? 0)} unit="" />
      </div>
      <Panel title={labels.live} aside={<Key />}>
        {hasRates ? (
          <TimeChart
            label={labels.chartLabel(`${labels.decode}, ${labels.prefill}`)}
            unit=""
            kind="line"
            timesMs={samples.map(({ atMs }) => atMs)}
            series={[
              { name: labels.decode, color: '--accent', values: samples.map((sample) => sample.decodeTokensPerSecond) },
              { name: labels.prefill, color: '--success', values: samples.map((sample) => sample.prefillTokensPerSecond) },
            ]}
          />
        ) : (
          <p className="muted">{labels.idle}</p>
        )}
        {hasRates && hasFirstTokens && (
          <>
            <h3>{labels.ttft}, ms</h3>
            <TimeChart
              label={labels.chartLabel(labels.ttft)}
              unit=""
              kind="line"
              timesMs={samples.map(({ atMs }) => atMs)}
              series={[{ name: labels.ttft, color: '--warning', values: samples.map((sample) => sample.ttftMs) }]}
            />
          </>
        )}
      </Panel>
      <InstanceRates />
      <LastHour />
    </View>
  )
}

/** The latest rate other than 0, which only says that nothing runs now. */
const lastRate = (rates: readonly number[]): number | null => rates.findLast((rate) => rate > 0) ?? null

const durationOf = (durationMs: number | null): string => (durationMs === null ? strings.common.none : formatDuration(durationMs))

function Key(): ReactNode {
  return (
    <span className="small muted">
      <span className="swatch tone-accent" />
      {throughputStrings.decode} <span className="swatch tone-success key-next" />
      {throughputStrings.prefill}
    </span>
  )
}

/** Charts from the history of inferences. Hidden when the node keeps no history. */
function LastHour(): ReactNode {
  const [sinceMs] = useState(() => Date.now() - HOUR_MS)
  const loaded = useClusterStore(selectLoadedModels)
  const refresh = useRateStore(({ historyRefresh }) => historyRefresh.version)
  const { data, error } = useResource(`/history?since=${sinceMs}&limit=1000`, HistoryAnswer, `${refresh} ${loaded}`)
  const labels = throughputStrings
  if (error) return null
  if (data === null)
    return (
      <Panel title={labels.lastHour}>
        <p className="muted">{strings.common.loading}</p>
      </Panel>
    )
  const rows = data.inferences.filter(({ timestamp }) => Date.parse(timestamp) >= Date.now() - HOUR_MS).reverse()
  if (rows.length === 0)
    return (
      <Panel title={labels.lastHour}>
        <p className="muted">{labels.noHistory}</p>
      </Panel>
    )
  const finished = rows.filter(isFinished)
  const ttft = medianOfRows(finished.map((row) => row.ttft_ms))
  const decode = medianOfRows(finished.map(decodeRateOf))
  return (
    <Panel title={labels.lastHour}>
      <div className="figures figures-small">
        <Figure name={labels.requests} value={String(rows.length)} unit="" />
        <Figure name={`${labels.decode}, ${labels.median}`} value={formatRate(decode)} unit={labels.unit} />
        <Figure name={`${labels.ttft}, ${labels.median}`} value={durationOf(ttft)} unit="" />
      </div>
      <h3>
        {labels.decode}, {labels.unit}
      </h3>
      <TimeChart
        label={labels.chartLabel(labels.decode)}
        unit=""
        kind="points"
        timesMs={rows.map(({ timestamp }) => Date.parse(timestamp))}
        series={[{ name: labels.decode, color: '--accent', values: rows.map(decodeRateOf) }]}
      />
      <h3>{labels.ttft}, ms</h3>
      <TimeChart
        label={labels.chartLabel(labels.ttft)}
        unit=""
        kind="points"
        timesMs={rows.map(({ timestamp }) => Date.parse(timestamp))}
        series={[{ name: labels.ttft, color: '--warning', values: rows.map((row) => row.ttft_ms) }]}
      />
    </Panel>
  )
}

function Figure({ name, value, unit }: { readonly name: string; readonly value: string; readonly unit: string }): ReactNode {
  return (
    <div className="figure">
      <span className="muted small">{name}</span>
      <span>
        <b className="number-text">{value}</b> <span className="muted">{unit}</span>
      </span>
    </div>
  )
}
