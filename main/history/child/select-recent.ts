import { AppError } from '../../shared/app-error.ts'
import { HistoryRow, type HistoryQuery } from '../../shared/history.ts'
import { ALL_COLUMNS } from '../lake-tables.ts'
import { fromSignedSeed } from '../signed-seed.ts'
import type { Lake } from './open-lake.ts'

const COLUMN_LIST = ALL_COLUMNS.map(([name]) => (name === 'timestamp' ? 'epoch_ms(timestamp)::DOUBLE AS timestamp' : name)).join(', ')

/** Newest first. */
export async function selectRecent({ connection }: Lake, { model, sinceMs, limit }: HistoryQuery): Promise<HistoryRow[]> {
  const conditions = [
    ...(model === null ? [] : ['(model = $model OR requested_model = $model)']),
    ...(sinceMs === null ? [] : ['timestamp >= epoch_ms($since::BIGINT)']),
  ]
  const reader = await connection.runAndReadAll(
    `SELECT ${COLUMN_LIST} FROM exo_inferences LEFT JOIN exo_inference_details USING (id)
     ${conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`}
     ORDER BY exo_inferences.timestamp DESC, id DESC LIMIT $limit`,
    { ...(model === null ? {} : { model }), ...(sinceMs === null ? {} : { since: Math.floor(sinceMs) }), limit },
  )
  return reader.getRowObjectsJson().map((row) => {
    const parsed = HistoryRow.safeParse({
      ...row,
      timestamp: typeof row['timestamp'] === 'number' ? new Date(row['timestamp']).toISOString() : null,
      seed: typeof row['seed'] === 'string' ? fromSignedSeed(BigInt(row['seed'])) : null,
    })
    if (!parsed.success)
      throw new AppError(
        'history-failed',
        `The row ${JSON.stringify(row['id'])} of the history was not written by a node: ${parsed.error.issues[0]?.path.join('.')}.`,
      )
    return parsed.data
  })
}
