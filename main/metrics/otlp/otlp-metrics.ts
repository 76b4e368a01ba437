import type { MetricValue } from 'prom-client'
import { nanosOf, type OtlpAttribute, otlpAttributes } from './otlp-json.ts'

/** A metric as the library of the Prometheus metrics gives it. */
export interface CollectedMetric {
  readonly name: string
  readonly help: string
  /** `counter`, `gauge` or `histogram`. */
  readonly type: string
  readonly values: readonly (MetricValue<string> & { readonly metricName?: string })[]
}

type Labels = Readonly<Record<string, string | number | undefined>>

/** The values of one set of labels. */
interface HistogramSeries {
  readonly labels: Labels
  readonly bounds: number[]
  readonly counts: number[]
  count: number
  sum: number
}

interface Point {
  readonly attributes: readonly OtlpAttribute[]
  readonly startTimeUnixNano: string
  readonly timeUnixNano: string
}

/** Counts since the start, as Prometheus counts. */
const CUMULATIVE = 2

/** The metrics in OTLP's form, with the names and labels of `GET /metrics`. */
export function otlpMetrics(collected: readonly CollectedMetric[], startedAtEpochMs: number, nowEpochMs: number): object[] {
  const point = (labels: Labels): Point => ({
    attributes: otlpAttributes(Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, String(value)]))),
    startTimeUnixNano: nanosOf(startedAtEpochMs),
    timeUnixNano: nanosOf(nowEpochMs),
  })
  const number = ({ labels, value }: MetricValue<string>): object => ({ ...point(labels), asDouble: value })
  return collected.flatMap((metric): object[] => {
    const { name, help: description, type, values } = metric
    if (values.length === 0) return []
    if (type === 'histogram') {
      return [{ name, description, histogram: { aggregationTemporality: CUMULATIVE, dataPoints: histogramPoints(metric, point) } }]
    }
    const dataPoints = values.map(number)
    if (type === 'counter') return [{ name, description, sum: { aggregationTemporality: CUMULATIVE, isMonotonic: true, dataPoints } }]
    return [{ name, description, gauge: { dataPoints } }]
  })
}

/** Prometheus counts each bucket with all smaller ones, OTLP each by itself; the last bucket has no bound. */
function histogramPoints({ values }: CollectedMetric, point: (labels: Labels) => Point): object[] {
  const series = new Map<string, HistogramSeries>()
  for (const { labels: all, value, metricName = '' } of values) {
    const { le, ...labels } = all as Labels
    const key = JSON.stringify(Object.entries(labels).sort())
    const found = series.get(key) ?? { labels, bounds: [], counts: [], count: 0, sum: 0 }
    series.set(key, found)
    if (metricName.endsWith('_sum')) found.sum = value
    else if (metricName.endsWith('_count')) found.count = value
    else if (Number.isFinite(Number(le))) {
      found.bounds.push(Number(le))
      found.counts.push(value)
    }
  }
  return [...series.values()].map(({ labels, bounds, counts, count, sum }) => ({
    ...point(labels),
    count: String(count),
    sum,
    explicitBounds: bounds,
    bucketCounts: [...counts, count].map((value, index, all) => String(value - (all[index - 1] ?? 0))),
  }))
}
