import { isPassingDiskError } from '../platform/files/to-disk-error.ts'
import { backoffDelayMs } from '../platform/waiting/backoff.ts'
import { AppError, errorCode, errorMessage } from '../shared/app-error.ts'
import { hasTrait } from '../shared/error-codes.ts'
import type { HistoryQuery, HistoryRow, QueriedTable } from '../shared/history.ts'
import type { PlacedInferenceRecord } from '../shared/inference/inference-record.ts'
import type { History, HistoryStatus } from './history.ts'
import { type HistoryFolder, journalBytes } from './history-folder.ts'
import type { HistoryDependencies, HistoryLimits, HistoryOptions } from './history-options.ts'
import { HistoryProcess } from './history-process.ts'
import { toHistoryRecord } from './history-record.ts'
import type { InferenceIds } from './inference-ids.ts'
import { ingestDelayMs } from './ingest-delay.ts'
import { Journal } from './journal.ts'
import type { HistoryJob, HistoryResult } from './process-message.ts'

const WARN_INTERVAL_MS = 60_000
/** The waits before retrying to write the journal: most troubles pass at once, and rows in memory die with the node. */
const FIRST_FLUSH_RETRY_MS = 200
const LAST_FLUSH_RETRY_MS = 5_000
const INGEST_RETRY_MS = 60_000

/** The amount written to the journal since the start, or a part of it. */
interface Amount {
  readonly rows: number
  readonly bytes: number
}

/**
 * Rows are kept in memory, written to the journal a tenth of a second later, and from time to time copied into the
 * catalog by another process.
 */
export class LakeHistory implements History {
  readonly #folder: HistoryFolder
  readonly #nodeId: string
  readonly #limits: HistoryLimits
  readonly #ids: InferenceIds
  readonly #dependencies: HistoryDependencies
  readonly #journal: Journal
  readonly #process: HistoryProcess
  readonly #stopping = new AbortController()
  #queue: string[] = []
  #flushing: Promise<void> = Promise.resolve()
  #isFlushDue = false
  #failedFlushes = 0
  #written: Amount = { rows: 0, bytes: 0 }
  /** The part of it that is in the catalog. */
  #taken: Amount = { rows: 0, bytes: 0 }
  #firstRowAtMs = 0
  #lastRowAtMs = 0
  #isIngestWatched = false
  #droppedRows = 0
  #warnedAtMs = -Infinity
  #notice: string | null = null
  /** Why the last job failed because of the catalog. */
  #trouble: string | null = null

  constructor(folder: HistoryFolder, options: HistoryOptions, limits: HistoryLimits, ids: InferenceIds, dependencies: HistoryDependencies) {
    const { clock, log, random } = dependencies
    this.#folder = folder
    this.#nodeId = options.nodeId
    this.#limits = limits
    this.#ids = ids
    this.#dependencies = dependencies
    const newSegment = (): string => random.id(String(Math.floor(clock.epochMs())).padStart(15, '0'))
    this.#journal = new Journal(folder, options.processId, newSegment, options.isGone)
    this.#process = new HistoryProcess(
      { entry: options.entry, historyDir: folder.dir, extensionFile: options.extensionFile, lingerMs: limits.lingerMs },
      {
        ...dependencies,
        onNotice: (notice) => {
          this.#notice = notice
          log.warn('history', { notice })
        },
      },
    )
  }

  /**
   * Makes sure that rows left behind by an earlier run get into the catalog. A disk that is full or fails may work again later, so it
   * does not disable the history.
   *
   * @throws the error of a folder that cannot be used
   */
  async start(): Promise<void> {
    try {
      await this.#journal.seal()
      const bytes = await journalBytes(this.#folder)
      if (bytes > 0) this.#onWritten({ rows: 1, bytes })
    } catch (error) {
      if (!isPassingDiskError(error)) throw error
      this.#dependencies.log.warn('history: rows of an earlier run are waiting in the journal', { error })
      this.#onWritten({ rows: 1, bytes: 0 })
    }
  }

  append(entry: PlacedInferenceRecord): void {
    if (this.#stopping.signal.aborted) return
    const { clock, log } = this.#dependencies
    if (this.#queue.length >= this.#limits.queuedRows || this.#waiting().bytes > this.#limits.journalBytes)
      return this.#drop(1, 'its disk or catalog does not keep up')
    try {
      const endedAtEpochMs = clock.epochMs()
      this.#queue.push(JSON.stringify(toHistoryRecord(entry, { id: this.#ids.next(endedAtEpochMs), nodeId: this.#nodeId, endedAtEpochMs })))
    } catch (error) {
      log.error('an inference does not match the schema of the history', { requestId: entry.requestId, error })
      return
    }
    if (this.#isFlushDue) return
    this.#isFlushDue = true
    clock.sleep(this.#limits.flushMs, this.#stopping.signal).then(
      () => this.#flush(),
      () => undefined,
    )
  }

  async recent(query: HistoryQuery, signal?: AbortSignal): Promise<HistoryRow[]> {
    const result = await this.#run({ kind: 'recent', query }, this.#limits.queryMs, signal)
    if (result.kind !== 'recent') throw new AppError('history-failed', 'The history answered another query.')
    return result.rows
  }

  async sql(statement: string, signal?: AbortSignal): Promise<QueriedTable> {
    const result = await this.#run({ kind: 'sql', statement, maxRows: this.#limits.queryRows }, this.#limits.queryMs, signal)
    if (result.kind !== 'sql') throw new AppError('history-failed', 'The history answered another query.')
    return result.table
  }

  status(): HistoryStatus {
    return { state: 'on', catalogFile: this.#folder.catalogFile, droppedRows: this.#droppedRows, notice: this.#trouble ?? this.#notice }
  }

  async stop(): Promise<void> {
    if (this.#stopping.signal.aborted) return
    this.#stopping.abort(new AppError('history-off', 'The node is stopping.'))
    try {
      const mark = await this.#seal()
      if (mark.rows > this.#taken.rows)
        await this.#process.run({ kind: 'ingest' }, this.#limits.stopMs, AbortSignal.timeout(this.#limits.stopMs))
    } catch (error) {
      this.#dependencies.log.warn('history: the last rows stay in the journal until the next start', { error })
    }
    await this.#process.close()
  }

  /** Every job first copies the sealed journal into the catalog. */
  async #run(job: HistoryJob, limitMs: number, signal?: AbortSignal): Promise<HistoryResult> {
    const { signal: stopping } = this.#stopping
    const mark = await this.#seal()
    try {
      const result = await this.#process.run(job, limitMs, signal ? AbortSignal.any([signal, stopping]) : stopping)
      if (mark.rows > this.#taken.rows) this.#taken = mark
      this.#trouble = null
      return result
    } catch (error) {
      if (hasTrait(errorCode(error), 'history-trouble')) this.#trouble = errorMessage(error)
      throw error
    }
  }

  #waiting(): Amount {
    return { rows: this.#written.rows - this.#taken.rows, bytes: this.#written.bytes - this.#taken.bytes }
  }

  #flush(): Promise<void> {
    this.#isFlushDue = false
    this.#flushing = this.#flushing.then(async () => {
      const lines = this.#queue
      if (lines.length === 0) return
      this.#queue = []
      try {
        this.#onWritten({ rows: lines.length, bytes: await this.#journal.append(lines) })
        this.#trouble = null
        if (this.#failedFlushes > 0) this.#dependencies.log.info('history: the journal is written again')
        this.#failedFlushes = 0
      } catch (error) {
        this.#keepForLater(lines, error)
        // The next attempt uses another file. The disk error is already in the log.
        await this.#journal.seal().catch(() => undefined)
      }
    })
    return this.#flushing
  }

  /** Rows that could not be written wait in the queue as long as it has space; the newest are dropped. */
  #keepForLater(lines: readonly string[], error: unknown): void {
    const all = [...lines, ...this.#queue]
    this.#queue = all.slice(0, this.#limits.queuedRows)
    const { clock, log } = this.#dependencies
    if (this.#failedFlushes === 0) log.warn('history: the journal cannot be written; its rows stay in memory', { error })
    this.#trouble = `Its journal cannot be written (${errorMessage(error)}); its rows stay in memory.`
    if (all.length > this.#queue.length) this.#drop(all.length - this.#queue.length, 'its journal cannot be written', error)
    if (this.#isFlushDue) return
    this.#isFlushDue = true
    const delayMs = backoffDelayMs(
      { attempt: this.#failedFlushes++, firstDelayMs: FIRST_FLUSH_RETRY_MS, maxDelayMs: LAST_FLUSH_RETRY_MS },
      1,
    )
    clock.sleep(delayMs, this.#stopping.signal).then(
      () => this.#flush(),
      () => undefined, // `stop` flushes the rest
    )
  }

  /** Makes all rows appended so far available to the process, and returns their amount. */
  #seal(): Promise<Amount> {
    void this.#flush()
    const sealed = this.#flushing.then(async () => {
      try {
        await this.#journal.seal()
      } catch (error) {
        throw new AppError('history-failed', `The history's journal cannot be used: ${errorMessage(error)}`, {}, error)
      }
      return this.#written
    })
    this.#flushing = sealed.then(
      () => undefined,
      (error: unknown) => this.#dependencies.log.warn('history journal cannot be sealed', { error }),
    )
    return sealed
  }

  #onWritten({ rows, bytes }: Amount): void {
    const nowMs = this.#dependencies.clock.now()
    if (this.#waiting().rows === 0) this.#firstRowAtMs = nowMs
    this.#lastRowAtMs = nowMs
    this.#written = { rows: this.#written.rows + rows, bytes: this.#written.bytes + bytes }
    if (!this.#isIngestWatched) void this.#ingestWhenDue()
  }

  async #ingestWhenDue(): Promise<void> {
    const { clock, log } = this.#dependencies
    const { signal } = this.#stopping
    this.#isIngestWatched = true
    const { ingestQuietMs: quietMs, ingestLongestMs: longestMs, ingestRows } = this.#limits
    try {
      while (this.#waiting().rows > 0) {
        const journal = { rows: this.#waiting().rows, firstRowAtMs: this.#firstRowAtMs, lastRowAtMs: this.#lastRowAtMs }
        const delayMs = ingestDelayMs(journal, clock.now(), { quietMs, longestMs, rows: ingestRows })
        if (delayMs > 0) {
          // A burst may fill the journal long before the node is idle.
          await clock.sleep(Math.min(delayMs, 1_000), signal)
          continue
        }
        try {
          await this.#run({ kind: 'ingest' }, this.#limits.ingestLimitMs)
          this.#firstRowAtMs = clock.now()
        } catch (error) {
          signal.throwIfAborted()
          log.warn('history: rows are waiting in the journal', { rows: this.#waiting().rows, error })
          await clock.sleep(INGEST_RETRY_MS, signal)
        }
      }
    } catch (error) {
      if (!signal.aborted) log.error('history adds no more rows to its catalog', { error })
    } finally {
      this.#isIngestWatched = false
    }
  }

  #drop(rows: number, reason: string, error?: unknown): void {
    this.#droppedRows += rows
    const nowMs = this.#dependencies.clock.now()
    if (nowMs - this.#warnedAtMs < WARN_INTERVAL_MS) return
    this.#warnedAtMs = nowMs
    this.#dependencies.log.warn('history drops inferences', {
      reason,
      droppedRows: this.#droppedRows,
      ...(error === undefined ? {} : { error }),
    })
  }
}
