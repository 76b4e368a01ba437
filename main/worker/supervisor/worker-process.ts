import type { Log } from '../../platform/log/log.ts'
import type { ProcessExit, SpawnedProcess } from '../../platform/processes/spawn-process.ts'
import type { AppError } from '../../shared/app-error.ts'
import type { WorkerCommand } from '../../shared/wire/worker/worker-command.ts'
import { diagnoseExit, type ExitFacts } from './diagnose-exit.ts'
import { LastLines } from './last-lines.ts'
import type { WorkerDependencies, WorkerOptions } from './worker-options.ts'

const STDERR_LINES = 20
const STDERR_LINE_LENGTH = 500

/** The process of one worker: its channel, its output, and the system's information about it and its exit. */
export class WorkerProcess {
  readonly spawned: SpawnedProcess
  readonly #label: string
  readonly #dependencies: Pick<WorkerDependencies, 'countOutOfMemoryKills' | 'processCpuMs'>
  readonly #log: Log
  readonly #outOfMemoryKills: number | null
  readonly #stderr = new LastLines(STDERR_LINES, STDERR_LINE_LENGTH)

  /** @param outOfMemoryKills - the system's count before the process started */
  constructor(
    { label, entry, environment }: WorkerOptions,
    dependencies: WorkerDependencies,
    outOfMemoryKills: number | null,
    on: { message(message: unknown): void; exit(exit: ProcessExit): void },
    log: Log,
  ) {
    this.#label = label
    this.#dependencies = dependencies
    this.#log = log
    this.#outOfMemoryKills = outOfMemoryKills
    this.spawned = dependencies.spawn({ entry, arguments: [], environment })
    this.spawned.onMessage((message) => on.message(message))
    this.spawned.onStderr((text) => this.#stderr.push(text).forEach((line) => log.debug('worker stderr', { line })))
    this.spawned.onStdout((text) => log.debug('worker stdout', { text: text.trimEnd().slice(0, STDERR_LINE_LENGTH) }))
    this.spawned.onExit((exit) => on.exit(exit))
  }

  processId(): number | null {
    return this.spawned.processId()
  }

  send(command: WorkerCommand): void {
    // A closed channel means that the process is ending: its exit settles everything that waits.
    this.spawned.send(command).catch((error: unknown) => this.#log.debug('worker channel closed', { command: command.type, error }))
  }

  kill(): void {
    this.spawned.kill('SIGKILL')
  }

  /** Its processor time; null if the system does not provide it cheaply. */
  async cpuMs(): Promise<number | null> {
    const processId = this.processId()
    return (processId !== null && (await this.#dependencies.processCpuMs?.(processId))) || null
  }

  /** Whether the system has killed a process because of low memory since this one started. */
  async systemRanOutOfMemory(): Promise<boolean> {
    const kills = await this.#dependencies.countOutOfMemoryKills()
    return kills !== null && this.#outOfMemoryKills !== null && kills > this.#outOfMemoryKills
  }

  diagnose(exit: ProcessExit, killedFor: ExitFacts['killedFor'], systemRanOutOfMemory: boolean): AppError<'worker-died'> {
    return diagnoseExit({ ...exit, label: this.#label, stderrLines: this.#stderr.lines(), killedFor, systemRanOutOfMemory })
  }
}
