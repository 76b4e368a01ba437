export interface Percentiles {
  readonly p50: number
  readonly p95: number
  readonly p99: number
}

/**
 * The value below which the given share of the values lies, interpolated between neighbours.
 *
 * @param ratio - in [0, 1]
 * @returns null if there are no values
 */
export function percentile(values: readonly number[], ratio: number): number | null {
  const sorted = values.toSorted((a, b) => a - b)
  const place = ratio * (sorted.length - 1)
  const lower = sorted[Math.floor(place)]
  const upper = sorted[Math.ceil(place)]
  return lower === undefined || upper === undefined ? null : lower + (upper - lower) * (place - Math.floor(place))
}

export const median = (values: readonly number[]): number | null => percentile(values, 0.5)

export function percentiles(values: readonly number[]): Percentiles | null {
  const [p50, p95, p99] = [percentile(values, 0.5), percentile(values, 0.95), percentile(values, 0.99)]
  return p50 === null || p95 === null || p99 === null ? null : { p50, p95, p99 }
}
