import { type ReactNode, useEffect, useRef } from 'react'
import uPlot from 'uplot'
import { type Theme, useTheme } from '../../store/use-theme.ts'

export interface ChartSeries {
  readonly name: string
  /** The name of a custom property of the theme. */
  readonly color: '--accent' | '--success' | '--warning'
  readonly values: readonly (number | null)[]
}

export interface TimeChartProps {
  readonly label: string
  readonly unit: string
  readonly timesMs: readonly number[]
  readonly series: readonly ChartSeries[]
  readonly kind: 'line' | 'points'
}

const HEIGHT = 200

/** A chart of values over time. The important numbers are also given as text beside it. */
export function TimeChart({ label, unit, timesMs, series, kind }: TimeChartProps): ReactNode {
  const place = useRef<HTMLDivElement>(null)
  const chart = useRef<uPlot | null>(null)
  const theme = useTheme()
  const shape = series.map(({ name, color }) => `${name} ${color}`).join()
  const data: uPlot.AlignedData = [timesMs.map((timeMs) => timeMs / 1000), ...series.map(({ values }) => [...values])]
  const latest = useRef({ data, series })
  latest.current = { data, series }
  useEffect(() => {
    const element = place.current
    if (!element) return
    const created = new uPlot(
      chartOptions({ width: element.clientWidth, unit, series: latest.current.series, kind, theme }),
      latest.current.data,
      element,
    )
    chart.current = created
    const observer = new ResizeObserver(() => created.setSize({ width: element.clientWidth, height: HEIGHT }))
    observer.observe(element)
    return () => {
      observer.disconnect()
      created.destroy()
      chart.current = null
    }
    // `shape` stands for the series' names and colours; their values are set below.
  }, [shape, unit, kind, theme])
  useEffect(() => chart.current?.setData(latest.current.data))
  return <div ref={place} className="chart" role="img" aria-label={label} />
}

/** Hours and minutes; seconds too where the axis is short. */
function formatTime(seconds: number, splits: readonly number[]): string {
  const isShort = (splits.at(-1) ?? 0) - (splits[0] ?? 0) < 600
  return new Date(seconds * 1000).toLocaleTimeString('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    ...(isShort ? { second: '2-digit' } : {}),
  })
}

function chartOptions({
  width,
  unit,
  series,
  kind,
}: { readonly width: number; readonly theme: Theme } & Pick<TimeChartProps, 'unit' | 'series' | 'kind'>): uPlot.Options {
  const style = getComputedStyle(document.documentElement)
  const color = (name: string): string => style.getPropertyValue(name).trim()
  const axis: uPlot.Axis = {
    stroke: color('--muted'),
    grid: { stroke: color('--line'), width: 1 },
    ticks: { show: false },
    font: '12px system-ui',
  }
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_chart, _min, max) => [0, Math.max(1, max * 1.1)] } },
    axes: [
      { ...axis, space: 80, size: 34, values: (_chart, splits) => splits.map((seconds) => formatTime(seconds, splits)) },
      { ...axis, size: 56, values: (_chart, splits) => splits.map((value) => `${value}${unit === '' ? '' : ` ${unit}`}`) },
    ],
    series: [
      {},
      ...series.map((entry): uPlot.Series => {
        const stroke = color(entry.color)
        return kind === 'points'
          ? { label: entry.name, stroke, paths: () => null, points: { show: true, size: 6, fill: stroke } }
          : { label: entry.name, stroke, width: 2, points: { show: false } }
      }),
    ],
  }
}
