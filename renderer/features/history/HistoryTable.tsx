import type { ReactNode } from 'react'
import type { HistoryRow } from '../../../main/shared/history.ts'
import { formatCount, formatDuration, formatRate, shortModelName } from '../../ui/format.ts'
import { language } from '../../ui/language.ts'
import { strings } from '../../ui/strings.ts'
import { decodeRateOf } from './history-rows.ts'
import { historyStrings } from './strings.ts'

/** Rows beyond this number are only in the CSV. */
const MOST_ROWS = 200

export function HistoryTable({ rows }: { readonly rows: readonly HistoryRow[] }): ReactNode {
  const labels = historyStrings
  return (
    <div className="table-place" tabIndex={0} role="group" aria-label={labels.requests}>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{labels.time}</th>
            <th scope="col">{labels.model}</th>
            {[labels.prompt, labels.completion, labels.latency, labels.ttft, labels.decode, labels.devices].map((label) => (
              <th key={label} scope="col" className="number">
                {label}
              </th>
            ))}
            <th scope="col">{labels.end}</th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, MOST_ROWS).map((row) => (
            <tr key={row.id}>
              <td className="nowrap">{new Date(row.timestamp).toLocaleString(language, { dateStyle: 'medium', timeStyle: 'short' })}</td>
              <td>{shortModelName(row.model)}</td>
              <td className="number">{formatCount(row.prompt_tokens)}</td>
              <td className="number">{formatCount(row.completion_tokens)}</td>
              <td className="number">{formatDuration(row.latency_ms)}</td>
              <td className="number">{row.ttft_ms === null ? strings.common.none : formatDuration(row.ttft_ms)}</td>
              <td className="number">{formatRate(decodeRateOf(row))}</td>
              <td className="number">{row.devices}</td>
              <td>{endOf(row)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** The reasons of all answers to the request are joined by commas, and an error is a code. */
function endOf({ error, finish_reason: reasons }: HistoryRow): string {
  if (error !== null) return historyStrings.ends[error] ?? historyStrings.failed(error)
  if (reasons === null) return strings.common.none
  return reasons
    .split(',')
    .map((reason) => historyStrings.ends[reason] ?? reason)
    .join(', ')
}
