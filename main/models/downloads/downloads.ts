import { type Clock, systemClock } from '../../platform/clock.ts'
import { AppError, errorCode, errorMessage } from '../../shared/app-error.ts'
import { errorCodeWord } from '../../shared/wire/error-code-word.ts'
import type { DownloadReport } from '../../shared/models/download.ts'
import type { ModelId, NodeId } from '../../shared/ids.ts'

/** Includes downloads that wait to be resumed: each keeps its slot until it is resumed or cancelled. */
const MOST_DOWNLOADS = 64
const ENDED_KEPT = 32
/** How long a download that a full disk stopped waits before it checks for free space again. */
const ROOM_CHECK_MS = 15_000
/** A download that a caller waits for fails after this many checks in a row without free space: ten minutes without progress. */
const MOST_ROOM_CHECKS = 40

export type DownloadProgress = Pick<DownloadReport, 'doneBytes' | 'totalBytes' | 'source' | 'savedBytes'>

/** Fetches files. It can be aborted at any time and continues from there when it is called again. */
export type DownloadWork<Result> = (onProgress: (progress: DownloadProgress) => void, signal: AbortSignal) => Promise<Result>

/** Downloads that ended since the start. A resumed download may be counted more than once. */
export interface DownloadCounts {
  readonly done: number
  readonly failed: number
  readonly cancelled: number
  /** Includes the bytes of running downloads. */
  readonly bytes: number
}

export interface DownloadsDependencies {
  /** @returns an id that no other download of the cluster has */
  newId(): string
  readonly clock?: Pick<Clock, 'sleep'>
  /** Called when a report has changed. */
  onChange(report: DownloadReport): void
}

/** The downloads of this node, which can be paused, resumed and cancelled while they run. */
export class Downloads {
  readonly #dependencies: DownloadsDependencies
  readonly #entries = new Map<string, Entry>()
  /** Downloads begun by `start` that are done, kept for clients that ask for the outcome. */
  readonly #ended = new Map<string, DownloadReport>()
  #counts: DownloadCounts = { done: 0, failed: 0, cancelled: 0, bytes: 0 }

  constructor(dependencies: DownloadsDependencies) {
    this.#dependencies = dependencies
  }

  /** Oldest first. */
  list(): DownloadReport[] {
    return [...this.#entries.values()].map(({ report }) => report)
  }

  counts(): DownloadCounts {
    return this.#counts
  }

  /** Whether a download with this id exists or has recently ended. */
  has(id: string): boolean {
    return this.#entries.has(id) || this.#ended.has(id)
  }

  /** Includes downloads that are done. @throws AppError `download-not-found` */
  get(id: string): DownloadReport {
    return this.#ended.get(id) ?? this.#find(id).report
  }

  /**
   * Runs `work` as a download that `list` shows. Pausing aborts it, and resuming runs it again. On a full disk it waits
   * for free space and reports that in the list.
   *
   * @throws AppError `disk-full` if there is no space for a long time or the disk is too small, `download-cancelled`
   *   when it is cancelled, `too-many-downloads`, any error of `work`, and the reason of `signal`
   */
  async run<Result>(modelId: ModelId, work: DownloadWork<Result>, signal: AbortSignal): Promise<Result> {
    const entry = this.#add(modelId)
    try {
      return await this.#workInRoom(entry, work, signal)
    } finally {
      this.#entries.delete(entry.report.id)
    }
  }

  /**
   * Starts a download that no caller waits for; if it fails, it waits to be resumed. A download of the same revision
   * that was already started this way continues.
   *
   * @throws AppError `too-many-downloads`
   */
  start(
    { modelId, revision, startedBy }: { readonly modelId: ModelId; readonly revision: string; readonly startedBy?: NodeId | undefined },
    work: DownloadWork<unknown>,
    signal: AbortSignal,
  ): DownloadReport {
    const known = [...this.#entries.values()].find((entry) => entry.ownedRevision === revision && entry.report.modelId === modelId)
    if (known) return this.resume(known.report.id)
    const entry = this.#add(modelId, startedBy)
    entry.ownedRevision = revision
    void this.#keep(entry, work, signal)
    return entry.report
  }

  /** The bytes downloaded so far are kept. @throws AppError `download-not-found` */
  pause(id: string): DownloadReport {
    const entry = this.#find(id)
    if (entry.report.status !== 'running') return entry.report
    this.#set(entry, { status: 'paused' })
    entry.attempt.abort(new AppError('download-paused', `The download of ${entry.report.modelId} is paused.`))
    return entry.report
  }

  /** @throws AppError `download-not-found` */
  resume(id: string): DownloadReport {
    const entry = this.#find(id)
    if (entry.report.status === 'running') return entry.report
    this.#set(entry, { status: 'running', ...NO_FAILURE })
    entry.onResume?.()
    return entry.report
  }

  /** Cancels the download. The bytes downloaded so far stay on the disk for the next attempt. @throws AppError `download-not-found` */
  cancel(id: string): void {
    const entry = this.#find(id)
    entry.end.abort(
      new AppError('download-cancelled', `The download of ${entry.report.modelId} was cancelled.`, { modelId: entry.report.modelId }),
    )
  }

  #add(modelId: ModelId, startedBy?: NodeId): Entry {
    if (this.#entries.size >= MOST_DOWNLOADS)
      throw new AppError(
        'too-many-downloads',
        `${MOST_DOWNLOADS} downloads are already running or waiting on this node. Cancel some of them first.`,
      )
    const report: DownloadReport = {
      id: this.#dependencies.newId(),
      modelId,
      status: 'running',
      doneBytes: 0,
      totalBytes: 0,
      source: 'hub',
      savedBytes: 0,
      message: null,
      ...(startedBy !== undefined && { startedBy }),
    }
    const entry: Entry = { report, ownedRevision: null, attempt: new AbortController(), end: new AbortController(), onResume: null }
    this.#entries.set(report.id, entry)
    this.#dependencies.onChange(report)
    return entry
  }

  #find(id: string): Entry {
    const entry = this.#entries.get(id)
    if (!entry)
      throw new AppError(
        'download-not-found',
        `Download '${id}' does not exist on this node, or has ended. GET /state lists the running downloads.`,
        { id },
      )
    return entry
  }

  #set(entry: Entry, change: Partial<DownloadReport>): void {
    entry.report = { ...entry.report, ...change }
    this.#dependencies.onChange(entry.report)
  }

  async #work<Result>(entry: Entry, work: DownloadWork<Result>, ended: AbortSignal): Promise<Result> {
    const signal = AbortSignal.any([ended, entry.end.signal])
    const count = (outcome: 'done' | 'failed' | 'cancelled'): void =>
      void (this.#counts = { ...this.#counts, [outcome]: this.#counts[outcome] + 1 })
    for (;;) {
      try {
        signal.throwIfAborted()
        entry.attempt = new AbortController()
        if (entry.report.status !== 'running') await untilResumed(entry, signal)
        const result = await work(this.#progressOf(entry), AbortSignal.any([signal, entry.attempt.signal]))
        count('done')
        return result
      } catch (error) {
        if (!signal.aborted && entry.attempt.signal.aborted) continue
        count(signal.aborted ? 'cancelled' : 'failed')
        signal.throwIfAborted()
        throw error
      }
    }
  }

  async #workInRoom<Result>(entry: Entry, work: DownloadWork<Result>, ended: AbortSignal): Promise<Result> {
    const signal = AbortSignal.any([ended, entry.end.signal])
    for (let checks = 0, lastBytes = 0; ; checks += 1) {
      try {
        return await this.#work(entry, work, ended)
      } catch (error) {
        const { doneBytes } = entry.report
        if (doneBytes > lastBytes) checks = 0
        lastBytes = doneBytes
        if (signal.aborted || errorCode(error) !== 'disk-full' || isTooSmall(error) || checks >= MOST_ROOM_CHECKS) throw error
        this.#set(entry, failureOf(error))
        await this.#untilRoom(entry, signal)
      }
    }
  }

  /** Bytes that are on the disk at the start are not counted as downloaded. */
  #progressOf(entry: Entry): (progress: DownloadProgress) => void {
    let lastBytes: number | null = null
    return (progress) => {
      const broughtBytes = Math.max(0, progress.doneBytes - (lastBytes ?? progress.doneBytes))
      lastBytes = progress.doneBytes
      this.#counts = { ...this.#counts, bytes: this.#counts.bytes + broughtBytes }
      this.#set(entry, progress)
    }
  }

  /** Continues a download that a full disk stopped once there is free space, or when it is resumed. */
  async #untilRoom(entry: Entry, signal: AbortSignal): Promise<void> {
    const resumed = new AbortController()
    const ended = AbortSignal.any([signal, resumed.signal])
    const { clock = systemClock } = this.#dependencies
    await Promise.race([untilResumed(entry, ended), clock.sleep(ROOM_CHECK_MS, ended)]).finally(() =>
      resumed.abort(new AppError('cancelled', 'The download continues.')),
    )
    if (entry.report.status === 'failed') this.#set(entry, { status: 'running', ...NO_FAILURE })
  }

  async #keep(entry: Entry, work: DownloadWork<unknown>, ended: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([ended, entry.end.signal])
    const { id } = entry.report
    while (!signal.aborted) {
      let isFull: boolean
      try {
        await this.#work(entry, work, ended)
        this.#set(entry, { status: 'done' })
        this.#ended.set(id, entry.report)
        const [oldest] = this.#ended.keys()
        if (this.#ended.size > ENDED_KEPT && oldest !== undefined) this.#ended.delete(oldest)
        break
      } catch (error) {
        isFull = errorCode(error) === 'disk-full'
        if (!signal.aborted) this.#set(entry, failureOf(error))
      }
      await (isFull ? this.#untilRoom(entry, signal) : untilResumed(entry, signal)).catch(() => undefined) // cancelled: the loop ends
    }
    this.#entries.delete(id)
    this.#dependencies.onChange(entry.report)
  }
}

const NO_FAILURE = { message: null, code: null } as const

const failureOf = (error: unknown): Pick<DownloadReport, 'status' | 'message' | 'code'> => ({
  status: 'failed',
  message: errorMessage(error).slice(0, 4000),
  code: errorCodeWord(error),
})

/** Whether the disk is too small for the files even when it is empty. */
function isTooSmall(error: unknown): boolean {
  return error instanceof AppError && error.details['isTooSmall'] === true
}

interface Entry {
  report: DownloadReport
  /** The model's revision if `start` began the download; null: a caller waits for it. */
  ownedRevision: string | null
  /** Aborts the current attempt, but not the download. */
  attempt: AbortController
  readonly end: AbortController
  onResume: (() => void) | null
}

/** Rejects with the reason of `signal`. */
async function untilResumed(entry: Entry, signal: AbortSignal): Promise<void> {
  const done = new AbortController()
  try {
    await new Promise<void>((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      entry.onResume = resolve
      signal.addEventListener('abort', () => reject(signal.reason), { once: true, signal: done.signal })
    })
  } finally {
    done.abort()
    entry.onResume = null
  }
}
