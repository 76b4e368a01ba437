import { z } from 'zod'
import { HistoryRow } from '../../../main/shared/history.ts'

export const HistoryAnswer = z.object({ inferences: z.array(HistoryRow) })

export interface ModelAverage {
  readonly model: string
  readonly requests: number
  readonly latencyMs: number
  readonly ttftMs: number | null
  readonly decodeTokensPerSecond: number | null
}

const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
const known = (values: readonly (number | null)[]): number[] => values.filter((value) => value !== null)

/** A request that was cancelled or failed says nothing about speed. */
export const isFinished = ({ error, finish_reason: reasons }: HistoryRow): boolean =>
  error === null && reasons !== null && !reasons.split(',').includes('cancelled')

/** null: the request ended before its speed could be told. */
export const decodeRateOf = ({ decode_tokens_per_second: rate }: HistoryRow): number | null => (rate === 0 ? null : rate)

/** Averages over the finished requests per model, busiest first. */
export function averageByModel(rows: readonly HistoryRow[]): ModelAverage[] {
  const models = [...new Set(rows.filter(isFinished).map(({ model }) => model))]
  return models
    .map((model) => {
      const own = rows.filter((row) => row.model === model && isFinished(row))
      return {
        model,
        requests: own.length,
        latencyMs: mean(own.map(({ latency_ms: latencyMs }) => latencyMs)) ?? 0,
        ttftMs: mean(known(own.map(({ ttft_ms: ttftMs }) => ttftMs))),
        decodeTokensPerSecond: mean(known(own.map(decodeRateOf))),
      }
    })
    .sort((first, second) => second.requests - first.requests || first.model.localeCompare(second.model))
}

/** The median; null for an empty list. */
export function medianOfRows(values: readonly (number | null)[]): number | null {
  const sorted = known(values).sort((first, second) => first - second)
  return sorted[Math.floor(sorted.length / 2)] ?? null
}

/** The history as CSV (RFC 4180). A text that a spreadsheet would evaluate as a formula gets a leading quote. */
export function toCsv(rows: readonly HistoryRow[]): string {
  const columns = Object.keys(HistoryRow.shape) as (keyof HistoryRow)[]
  const lines = rows.map((row) => columns.map((column) => csvField(row[column])).join(','))
  return [columns.join(','), ...lines].map((line) => `${line}\r\n`).join('')
}

function csvField(value: string | number | null): string {
  if (typeof value !== 'string') return value === null ? '' : String(value)
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
