import { stat, writeFile } from 'node:fs/promises'
import type { HistoryFolder } from '../history-folder.ts'
import type { Lake } from './open-lake.ts'

const MAINTENANCE_INTERVAL_MS = 24 * 3_600_000

/** Earlier states of the tables can be queried for this long. */
const KEPT_SNAPSHOTS = "INTERVAL '7 days'"
/** Unreferenced files are kept for this long, for readers that started earlier. */
const KEPT_FILES = "INTERVAL '1 day'"

const STEPS: readonly string[] = [
  "CALL ducklake_flush_inlined_data('lake')",
  "CALL ducklake_merge_adjacent_files('lake')",
  `CALL ducklake_expire_snapshots('lake', older_than => now() - ${KEPT_SNAPSHOTS})`,
  `CALL ducklake_cleanup_old_files('lake', older_than => now() - ${KEPT_FILES})`,
  `CALL ducklake_delete_orphaned_files('lake', older_than => now() - ${KEPT_FILES})`,
]

/** Compacts the lake and expires old snapshots, once a day. */
export async function maintainLakeIfDue(lake: Lake, folder: HistoryFolder, nowEpochMs: number): Promise<void> {
  const last = await stat(folder.maintainedFile).catch(() => null)
  // A time in the future is from before the clock was set back.
  if (last && Math.abs(nowEpochMs - last.mtimeMs) < MAINTENANCE_INTERVAL_MS) return
  // Written first, so that a failed compaction is retried the next day and not at every row.
  await writeFile(folder.maintainedFile, '')
  if (last) await maintainLake(lake)
}

async function maintainLake({ connection }: Lake): Promise<void> {
  for (const step of STEPS) await connection.run(step)
}
