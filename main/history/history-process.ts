import type { Clock } from '../platform/clock.ts'
import type { Log } from '../platform/log/log.ts'
import { type Pending, pending } from '../platform/waiting/pending.ts'
import type { SpawnedProcess, SpawnProcess } from '../platform/processes/spawn-process.ts'
import { takeTurns } from '../platform/waiting/take-turns.ts'
import { AppError } from '../shared/app-error.ts'
import type { HistoryErrorCode } from './history.ts'
import { type HistoryCommand, HistoryEvent, type HistoryJob, type HistoryResult } from './process-message.ts'

/** How long a process that was interrupted or told to close may take before it is killed. */
const GRACE_MS = 5_000
/** A catalog over which the process died this often in a row is not opened again. */
const DISTRUST_AFTER_CRASHES = 2
const MAX_WAITING_JOBS = 16

export interface HistoryProcessOptions {
  /** `main/history/child/main.ts`, bundled or from source. */
  readonly entry: string
  readonly historyDir: string
  readonly extensionFile: string
  /** How long the process stays alive after an answer, because another query may follow. */
  readonly lingerMs: number
}

export interface HistoryProcessDependencies {
  readonly spawn: SpawnProcess
  readonly clock: Clock
  readonly log: Log
  readonly onNotice: (notice: string) => void
}

interface Child {
  readonly process: SpawnedProcess
  readonly exited: Promise<void>
}

interface RunningJob {
  readonly jobId: number
  readonly kind: HistoryJob['kind']
  readonly end: Pending<HistoryResult>
  /** It timed out or its caller is gone. */
  isGivenUp: boolean
}

/** Runs jobs one at a time in a process that exists only while it is needed, because DuckDB takes some 150 MB. */
export class HistoryProcess {
  readonly #options: HistoryProcessOptions
  readonly #dependencies: HistoryProcessDependencies
  #child: Child | null = null
  #job: RunningJob | null = null
  #lastJobId = 0
  #waitingJobs = 0
  #crashes = 0
  readonly #inTurn = takeTurns()
  #linger = new AbortController()

  constructor(options: HistoryProcessOptions, dependencies: HistoryProcessDependencies) {
    this.#options = options
    this.#dependencies = dependencies
  }

  processId(): number | null {
    return this.#child?.process.processId() ?? null
  }

  /** @throws AppError of a `HistoryErrorCode`, or the signal's reason */
  run(job: HistoryJob, limitMs: number, signal: AbortSignal): Promise<HistoryResult> {
    if (this.#waitingJobs >= MAX_WAITING_JOBS)
      return Promise.reject(failure('history-busy', 'The history has too many queries to run. Try again in a moment.'))
    this.#waitingJobs += 1
    return this.#inTurn(async () => {
      this.#waitingJobs -= 1
      signal.throwIfAborted()
      return this.#run(job, limitMs, signal)
    })
  }

  /** Ends the process after the current job. */
  close(): Promise<void> {
    return this.#inTurn(() => this.#end())
  }

  async #run(job: HistoryJob, limitMs: number, signal: AbortSignal): Promise<HistoryResult> {
    this.#linger.abort()
    const child = (this.#child ??= this.#start())
    const jobId = ++this.#lastJobId
    const running: RunningJob = { jobId, kind: job.kind, end: pending<HistoryResult>(), isGivenUp: false }
    this.#job = running
    const over = new AbortController()
    const interrupt = (): void => void this.#giveUp(child, running, over.signal)
    signal.addEventListener('abort', interrupt, { once: true })
    this.#dependencies.clock.sleep(limitMs, over.signal).then(interrupt, () => undefined) // the job has already ended
    this.#send(child, { type: 'run-job', jobId, job, distrustCatalog: this.#crashes >= DISTRUST_AFTER_CRASHES })
    try {
      const result = await running.end.promise
      this.#crashes = 0
      return result
    } catch (error) {
      signal.throwIfAborted()
      throw error
    } finally {
      over.abort()
      signal.removeEventListener('abort', interrupt)
      this.#job = null
      if (job.kind === 'ingest') await this.#end()
      else this.#endWhenIdle()
    }
  }

  #start(): Child {
    const { spawn, log } = this.#dependencies
    const { entry, historyDir, extensionFile } = this.#options
    const spawned = spawn({ entry, arguments: [], environment: { EXO_HISTORY_DIR: historyDir, EXO_DUCKLAKE_EXTENSION: extensionFile } })
    const exited = pending<void>()
    const child: Child = { process: spawned, exited: exited.promise }
    let lastWords = ''
    spawned.onMessage((message) => this.#receive(child, message))
    spawned.onStdout((text) => log.debug('history process stdout', { text: text.slice(0, 500) }))
    spawned.onStderr((text) => {
      lastWords = `${lastWords}${text}`.slice(-2_000)
    })
    spawned.onExit(({ exitCode, signal }) => {
      if (this.#child === child) this.#child = null
      exited.resolve()
      if (!this.#job) return
      if (this.#job.isGivenUp) return this.#job.end.reject(failure('history-timeout', 'The history did not answer in time.'))
      // A client's statement can crash DuckDB too, and another program can kill it: neither counts against the catalog.
      if (this.#job.kind !== 'sql' && signal !== 'SIGKILL' && signal !== 'SIGTERM') this.#crashes += 1
      log.error('history process died', { exitCode, signal, stderr: lastWords })
      this.#job.end.reject(failure('history-failed', `The history process died (${signal ?? `status ${exitCode}`}).`))
    })
    return child
  }

  #receive(child: Child, message: unknown): void {
    const parsed = HistoryEvent.safeParse(message)
    if (!parsed.success) {
      this.#dependencies.log.error('history process sent an unknown event, ending it', { issues: parsed.error.issues.slice(0, 3) })
      child.process.kill('SIGKILL')
      return
    }
    const event = parsed.data
    for (const notice of event.notices) this.#dependencies.onNotice(notice)
    if (event.jobId !== this.#job?.jobId) return
    if (event.type === 'job-done') this.#job.end.resolve(event.result)
    else this.#job.end.reject(new AppError(event.code, event.message))
  }

  /** Interrupts the job, then ends the process. The caller waits for neither. */
  async #giveUp(child: Child, job: RunningJob, isOver: AbortSignal): Promise<void> {
    job.isGivenUp = true
    this.#send(child, { type: 'interrupt-job', jobId: job.jobId })
    await this.#dependencies.clock.sleep(GRACE_MS, isOver).then(
      () => child.process.kill('SIGKILL'),
      () => undefined,
    )
  }

  #endWhenIdle(): void {
    const idle = new AbortController()
    this.#linger = idle
    this.#dependencies.clock.sleep(this.#options.lingerMs, idle.signal).then(
      () => this.close(),
      () => undefined,
    )
  }

  async #end(): Promise<void> {
    this.#linger.abort()
    const child = this.#child
    if (!child) return
    this.#send(child, { type: 'close' })
    const isGone = new AbortController()
    this.#dependencies.clock.sleep(GRACE_MS, isGone.signal).then(
      () => child.process.kill('SIGKILL'),
      () => undefined,
    )
    await child.exited
    isGone.abort()
  }

  #send(child: Child, command: HistoryCommand): void {
    // A closed channel means that the process is ending: its exit settles all pending jobs.
    child.process
      .send(command)
      .catch((error: unknown) => this.#dependencies.log.debug('history channel closed', { command: command.type, error }))
  }
}

function failure(code: HistoryErrorCode, message: string): AppError<HistoryErrorCode> {
  return new AppError(code, message)
}
