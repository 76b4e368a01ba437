import type { Clock } from '../../platform/clock.ts'
import type { ParentChannel } from '../../platform/processes/parent-channel.ts'
import { AppError, errorCode, errorMessage } from '../../shared/app-error.ts'
import type { ErrorCode } from '../../shared/error-codes.ts'
import { type HistoryFolder, makeHistoryFolder, sealedJournalFiles } from '../history-folder.ts'
import { HistoryCommand, type HistoryEvent, type HistoryJob, type HistoryResult } from '../process-message.ts'
import { ingestJournal } from './ingest-journal.ts'
import { classifyFailure } from './lake-failure.ts'
import { maintainLakeIfDue } from './maintain-lake.ts'
import { type Lake, openReader, openWriter } from './open-lake.ts'
import { selectRecent } from './select-recent.ts'
import { selectRows } from './select-rows.ts'
import { setAside } from './set-aside.ts'

const LOCK_ATTEMPTS = 12
const LOCK_RETRY_MS = 250
const TOO_LONG = 'The query takes too long. Narrow it.'

export interface HistoryWorkerDependencies {
  readonly folder: HistoryFolder
  readonly extensionFile: string
  readonly channel: Pick<ParentChannel, 'send' | 'flushed' | 'onMessage'>
  readonly clock: Clock
  exit(status: number): void
}

/** The process that runs DuckDB. It does one job at a time and has the catalog open either for writing or for reading. */
export class HistoryWorker {
  readonly #dependencies: HistoryWorkerDependencies
  #reader: Lake | null = null
  #runningJobId: number | null = null
  #isInterrupted = false
  #work: Promise<void> = Promise.resolve()
  #notices: string[] = []

  constructor(dependencies: HistoryWorkerDependencies) {
    this.#dependencies = dependencies
    dependencies.channel.onMessage((message) => {
      const command = HistoryCommand.safeParse(message)
      if (command.success) this.#receive(command.data)
      else this.#refuse(message)
    })
  }

  /** Ends after the current job. */
  close(): void {
    this.#work = this.#work.then(async () => {
      this.#closeReader()
      await this.#dependencies.channel.flushed()
      this.#dependencies.exit(0)
    })
  }

  /** The request is at fault, not the catalog: exiting here would count against the catalog. */
  #refuse(message: unknown): void {
    const jobId = (message as { jobId?: unknown } | null)?.jobId
    if (typeof jobId === 'number')
      this.#dependencies.channel.send({
        type: 'job-failed',
        jobId,
        code: 'history-failed',
        message: 'The history does not support this request.',
        notices: [],
      } satisfies HistoryEvent)
  }

  #receive(command: HistoryCommand): void {
    switch (command.type) {
      case 'run-job':
        this.#work = this.#work.then(() => this.#runJob(command.jobId, command.job, command.distrustCatalog))
        return
      case 'interrupt-job':
        if (command.jobId !== this.#runningJobId) return
        this.#isInterrupted = true
        this.#reader?.connection.interrupt()
        return
      case 'close':
        this.close()
    }
  }

  async #runJob(jobId: number, job: HistoryJob, distrustCatalog: boolean): Promise<void> {
    const { channel, folder, clock } = this.#dependencies
    this.#runningJobId = jobId
    this.#isInterrupted = false
    this.#notices = []
    const send = (event: HistoryEvent): void => channel.send(event)
    try {
      await makeHistoryFolder(folder)
      if (distrustCatalog) await this.#giveUpCatalog('the process that read it crashed', clock.epochMs())
      const ingestedRows = await this.#ingest()
      const result = job.kind === 'ingest' ? { kind: job.kind, ingestedRows } : await this.#read(job)
      send({ type: 'job-done', jobId, result, notices: this.#notices })
    } catch (error) {
      send({ type: 'job-failed', jobId, ...describeFailure(error), notices: this.#notices })
    } finally {
      this.#runningJobId = null
    }
  }

  async #ingest(): Promise<number> {
    const { folder, extensionFile, clock } = this.#dependencies
    if ((await sealedJournalFiles(folder)).length === 0) return 0
    this.#closeReader()
    return this.#trusting(async () => {
      const lake = await this.#unlocked(() => openWriter(folder, extensionFile))
      try {
        const { ingestedRows, unreadableLines } = await ingestJournal(lake, folder)
        if (unreadableLines > 0)
          this.#notices.push(`${unreadableLines} lines of the history's journal could not be read because writing them was interrupted.`)
        await maintainLakeIfDue(lake, folder, clock.epochMs())
        return ingestedRows
      } finally {
        lake.close()
      }
    })
  }

  async #read(job: Exclude<HistoryJob, { kind: 'ingest' }>): Promise<HistoryResult> {
    const { folder, extensionFile } = this.#dependencies
    const opened = async (): Promise<Lake> =>
      (this.#reader ??= await this.#unlocked(() => openReader(folder, extensionFile)).catch(async () => {
        // The catalog does not exist yet or is damaged: a writer creates it or reports the problem.
        const writer = await this.#unlocked(() => openWriter(folder, extensionFile))
        writer.close()
        return openReader(folder, extensionFile)
      }))
    const ask = async (reader: Lake): Promise<HistoryResult> => {
      if (this.#isInterrupted) throw new AppError('history-timeout', TOO_LONG)
      if (job.kind === 'recent') return { kind: 'recent', rows: await selectRecent(reader, job.query) }
      return { kind: 'sql', table: await selectRows(reader, job.statement, job.maxRows) }
    }
    const reader = await this.#trusting(opened)
    try {
      return await ask(reader)
    } catch (error) {
      if (error instanceof AppError || classifyFailure(error) !== 'damaged') throw error
      // The statement may be at fault: the catalog counts as damaged only if it does not open again.
      this.#closeReader()
      const notices = this.#notices.length
      const again = await this.#trusting(async () => {
        const writer = await this.#unlocked(() => openWriter(folder, extensionFile))
        writer.close()
        return opened()
      })
      if (this.#notices.length === notices) throw error
      return ask(again)
    }
  }

  /** Does the work. If it fails twice because of the files on disk, does it once more with a new catalog. */
  async #trusting<Result>(work: () => Promise<Result>): Promise<Result> {
    const isDamage = (error: unknown): boolean => !(error instanceof AppError) && classifyFailure(error) === 'damaged'
    try {
      return await work()
    } catch (error) {
      if (!isDamage(error)) throw error
    }
    try {
      // A catalog that opens and works now is not damaged.
      return await work()
    } catch (error) {
      if (!isDamage(error)) throw error
      await this.#giveUpCatalog(errorMessage(error), this.#dependencies.clock.epochMs())
      return work()
    }
  }

  async #giveUpCatalog(why: string, nowEpochMs: number): Promise<void> {
    this.#closeReader()
    this.#notices.push(await setAside(this.#dependencies.folder, why, nowEpochMs))
  }

  /** Another process may hold the catalog for a moment: a command, or a process left behind by a killed node. */
  async #unlocked(open: () => Promise<Lake>): Promise<Lake> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await open()
      } catch (error) {
        if (classifyFailure(error) !== 'locked' || attempt === LOCK_ATTEMPTS) throw error
        await this.#dependencies.clock.sleep(LOCK_RETRY_MS)
      }
    }
  }

  #closeReader(): void {
    this.#reader?.close()
    this.#reader = null
  }
}

function describeFailure(error: unknown): { readonly code: ErrorCode; readonly message: string } {
  if (error instanceof AppError) return { code: errorCode(error), message: error.message }
  const [message = ''] = errorMessage(error).split('\n')
  switch (classifyFailure(error)) {
    case 'locked':
      return { code: 'history-locked', message: `Another program has the history's catalog open. Close it there. ${message}` }
    case 'interrupted':
      return { code: 'history-timeout', message: TOO_LONG }
    default:
      return { code: 'history-failed', message: `The history cannot be used: ${message}` }
  }
}
