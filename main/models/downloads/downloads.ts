import { type Clock, systemClock } from '../../platform/clock.ts'
import type { Random } from '../../platform/random.ts'
import { AppError, errorCode, errorMessage } from '../../shared/app-error.ts'
import type { DownloadReport } from '../../shared/models/download.ts'
import type { ModelId } from '../../shared/ids.ts'

/** Of those that wait to be resumed, too: each keeps its place until it is resumed or given up. */
const MOST_DOWNLOADS = 64
const ENDED_KEPT = 32
/** How long a download that a full disk stopped waits before it looks for room again. */
const ROOM_CHECK_MS = 15_000
/** So often in a row one that somebody waits for finds no room before it fails: for ten minutes in which nothing comes. */
const MOST_ROOM_CHECKS = 40

export type DownloadProgress = Pick<DownloadReport, 'doneBytes' | 'totalBytes' | 'source' | 'savedBytes'>

/** Brings files here. It can be aborted at any time, and called again it goes on from there. */
export type DownloadWork<Result> = (onProgress: (progress: DownloadProgress) => void, signal: AbortSignal) => Promise<Result>

/** What has ended since the start; one that was resumed may end again. */
export interface DownloadCounts {
  readonly done: number
  readonly failed: number
  readonly cancelled: number
  /** Also of those that run. */
  readonly bytes: number
}

export interface DownloadsDependencies {
  readonly random: Pick<Random, 'id'>
  readonly clock?: Pick<Clock, 'sleep'>
  /** A report has changed. */
  onChange(report: DownloadReport): void
}

/** What is on its way to this node, and can be paused, resumed and given up while it is. */
export class Downloads {
  readonly #dependencies: DownloadsDependencies
  readonly #entries = new Map<string, Entry>()
  /** Those that were started by `start` and are done, for who asks what became of them. */
  readonly #ended = new Map<string, DownloadReport>()
  #counts: DownloadCounts = { done: 0, failed: 0, cancelled: 0, bytes: 0 }

  constructor(dependencies: DownloadsDependencies) {
    this.#dependencies = dependencies
  }

  /** The oldest first. */
  list(): DownloadReport[] {
    return [...this.#entries.values()].map(({ report }) => report)
  }

  counts(): DownloadCounts {
    return this.#counts
  }

  /** Whether there is one of that id, or was lately. */
  has(id: string): boolean {
    return this.#entries.has(id) || this.#ended.has(id)
  }

  /** Also one that is done. @throws AppError `download-not-found` */
  get(id: string): DownloadReport {
    return this.#ended.get(id) ?? this.#find(id).report
  }

  /**
   * Does `work` as a download that `list` shows. Paused, it is aborted, and done again when it is resumed. On a full disk it waits
   * for room, and the list says so.
   *
   * @throws AppError `disk-full` where there is no room for long or never will be, `download-cancelled` when it is given up,
   *   `too-many-downloads`, what `work` throws, and the reason of `signal`
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
   * Begins a download that nobody waits for; a failed one waits to be resumed. One of the same revision of the model, begun so before, goes
   * on.
   *
   * @throws AppError `too-many-downloads`
   */
  start(
    { modelId, revision }: { readonly modelId: ModelId; readonly revision: string },
    work: DownloadWork<unknown>,
    signal: AbortSignal,
  ): DownloadReport {
    const known = [...this.#entries.values()].find((entry) => entry.ownedRevision === revision && entry.report.modelId === modelId)
    if (known) return this.resume(known.report.id)
    const entry = this.#add(modelId)
    entry.ownedRevision = revision
    void this.#keep(entry, work, signal)
    return entry.report
  }

  /** What has come is kept. @throws AppError `download-not-found` */
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
    this.#set(entry, { status: 'running', message: null })
    entry.onResume?.()
    return entry.report
  }

  /** Gives it up; what has come stays on the disk for a next try. @throws AppError `download-not-found` */
  cancel(id: string): void {
    const entry = this.#find(id)
    entry.end.abort(
      new AppError('download-cancelled', `The download of ${entry.report.modelId} was cancelled.`, { modelId: entry.report.modelId }),
    )
  }

  #add(modelId: ModelId): Entry {
    if (this.#entries.size >= MOST_DOWNLOADS)
      throw new AppError(
        'too-many-downloads',
        `${MOST_DOWNLOADS} downloads are already running or waiting on this node. Cancel some of them first.`,
      )
    const report: DownloadReport = {
      id: this.#dependencies.random.id('download'),
      modelId,
      status: 'running',
      doneBytes: 0,
      totalBytes: 0,
      source: 'hub',
      savedBytes: 0,
      message: null,
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
        this.#set(entry, { status: 'failed', message: errorMessage(error).slice(0, 4000) })
        await this.#untilRoom(entry, signal)
      }
    }
  }

  /** What is here at first is not brought. */
  #progressOf(entry: Entry): (progress: DownloadProgress) => void {
    let lastBytes: number | null = null
    return (progress) => {
      const broughtBytes = Math.max(0, progress.doneBytes - (lastBytes ?? progress.doneBytes))
      lastBytes = progress.doneBytes
      this.#counts = { ...this.#counts, bytes: this.#counts.bytes + broughtBytes }
      this.#set(entry, progress)
    }
  }

  /** A download that a full disk stopped continues by itself: it looks for room before it fetches anything. */
  async #untilRoom(entry: Entry, signal: AbortSignal): Promise<void> {
    const resumed = new AbortController()
    const ended = AbortSignal.any([signal, resumed.signal])
    const { clock = systemClock } = this.#dependencies
    await Promise.race([untilResumed(entry, ended), clock.sleep(ROOM_CHECK_MS, ended)]).finally(() =>
      resumed.abort(new AppError('cancelled', 'The download continues.')),
    )
    if (entry.report.status === 'failed') this.#set(entry, { status: 'running', message: null })
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
        if (!signal.aborted) this.#set(entry, { status: 'failed', message: errorMessage(error).slice(0, 4000) })
      }
      await (isFull ? this.#untilRoom(entry, signal) : untilResumed(entry, signal)).catch(() => undefined) // given up: the loop ends
    }
    this.#entries.delete(id)
    this.#dependencies.onChange(entry.report)
  }
}

/** Whether the disk is too small for the files, however empty it is. */
function isTooSmall(error: unknown): boolean {
  return error instanceof AppError && error.details['isTooSmall'] === true
}

interface Entry {
  report: DownloadReport
  /** Nobody waits for it. */
  /** Of the model, where `start` began it; null: someone waits for it. */
  ownedRevision: string | null
  /** Ends the work, but not the download. */
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
