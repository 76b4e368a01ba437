import type { Clock } from '../platform/clock.ts'
import type { Log } from '../platform/log/log.ts'
import type { Random } from '../platform/random.ts'
import type { SpawnProcess } from '../platform/processes/spawn-process.ts'

export interface HistoryOptions {
  /** Contains the catalog, its data and the journal. */
  readonly dir: string
  readonly nodeId: string
  /** The ducklake extension installed by setup; its path is `ducklakeExtensionFile`. */
  readonly extensionFile: string
  /** `main/history/child/main.ts`, bundled or from source. */
  readonly entry: string
  readonly processId: number
  /** Whether a process that wrote a journal here no longer writes. The owner of the data folder knows this of all other processes. */
  readonly isGone: (processId: number) => boolean
  readonly limits?: Partial<HistoryLimits>
}

export interface HistoryLimits {
  /** The time after which an appended row is on disk. */
  readonly flushMs: number
  /** Rows that may wait to be written. */
  readonly queuedRows: number
  /** Limits for the rows that wait for the catalog. */
  readonly journalBytes: number
  readonly ingestQuietMs: number
  readonly ingestLongestMs: number
  readonly ingestRows: number
  readonly ingestLimitMs: number
  readonly queryMs: number
  readonly queryRows: number
  readonly stopMs: number
  /** How long the DuckDB process stays alive after an answer. */
  readonly lingerMs: number
}

export const defaultHistoryLimits: HistoryLimits = {
  flushMs: 100,
  queuedRows: 20_000,
  journalBytes: 64 * 2 ** 20,
  ingestQuietMs: 30_000,
  ingestLongestMs: 5 * 60_000,
  ingestRows: 10_000,
  ingestLimitMs: 10 * 60_000,
  queryMs: 30_000,
  queryRows: 10_000,
  stopMs: 15_000,
  lingerMs: 10_000,
}

export interface HistoryDependencies {
  readonly spawn: SpawnProcess
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}
