import type { Clock } from '../../platform/clock.ts'
import type { Log } from '../../platform/log/log.ts'
import type { ProcessExit } from '../../platform/processes/spawn-process.ts'
import { pending } from '../../platform/waiting/pending.ts'
import { AppError } from '../../shared/app-error.ts'
import type { GenerationPart, GenerationSpec } from '../../shared/inference/generation.ts'
import type { TokenVocabulary } from '../../shared/inference/grammar.ts'
import type { RankStep } from '../../shared/rank-steps.ts'
import type { ShardInfo, ShardSpec, ShardStats } from '../../shared/shard.ts'
import type { WorkerCommand } from '../../shared/wire/worker/worker-command.ts'
import { WorkerEvent } from '../../shared/wire/worker/worker-event.ts'
import type { ExitFacts } from './diagnose-exit.ts'
import { endProcess } from './end-process.ts'
import { exitsWithin } from './exits-within.ts'
import { GenerationReader } from './generation-reader.ts'
import { GenerationStreams } from './generation-streams.ts'
import { defaultWorkerLimits, type LoadProgress, type Worker, type WorkerLimits, type WorkerStatus } from './worker.ts'
import { WorkerAnswers } from './worker-answers.ts'
import type { WorkerDependencies, WorkerOptions } from './worker-options.ts'
import { WorkerProcess } from './worker-process.ts'
import { WorkerWatch } from './worker-watch.ts'

const WATCH_INTERVAL_MS = 500
/** Two heartbeats. The ring itself gives up after four seconds. */
const STANDSTILL_MS = 2_000

/** Supervises one worker: tracks its status, watches its progress, and ends it if it hangs. */
export class SupervisedWorker implements Worker {
  readonly label: string
  readonly exited: Promise<AppError<'worker-died'> | null>
  nativeVersion = ''
  readonly #process: WorkerProcess
  readonly #clock: Clock
  readonly #log: Log
  readonly #limits: WorkerLimits
  readonly #streams: GenerationStreams
  readonly #answers = new WorkerAnswers()
  readonly #watch: WorkerWatch
  readonly #watchEnd = new AbortController()
  readonly #exit = pending<AppError<'worker-died'> | null>()
  readonly #stepsBeginListeners: (() => void)[] = []
  readonly #standstillListeners: (() => void)[] = []
  #standsStill = false
  #status: WorkerStatus = 'starting'
  #stats: ShardStats | null = null
  /** The error that the worker itself reported. */
  #lastError: AppError | null = null
  #killedFor: ExitFacts['killedFor'] = null
  #stopping: Promise<void> | null = null

  constructor(options: WorkerOptions, dependencies: WorkerDependencies, outOfMemoryKills: number | null) {
    this.label = options.label
    this.#clock = dependencies.clock
    this.#log = dependencies.log.with({ worker: options.label })
    this.#limits = { ...defaultWorkerLimits, ...options.limits }
    this.#streams = new GenerationStreams(this.#limits.bufferedParts)
    this.#watch = new WorkerWatch(this.#clock, this.#limits)
    this.exited = this.#exit.promise
    const on = { message: (message: unknown) => this.#receive(message), exit: (exit: ProcessExit) => void this.#onExit(exit) }
    this.#process = new WorkerProcess(options, dependencies, outOfMemoryKills, on, this.#log)
    this.#clock.every(WATCH_INTERVAL_MS, () => this.#tick(), this.#watchEnd.signal)
  }

  started(): Promise<void> {
    return this.#answers.started()
  }

  processId(): number | null {
    return this.#process.processId()
  }

  status(): WorkerStatus {
    return this.#status
  }

  stats(): ShardStats | null {
    return this.#stats
  }

  moves(): number {
    return this.#watch.moves
  }

  groupMoved = (): void => this.#watch.restart()

  async load(shard: ShardSpec, onProgress: LoadProgress, signal?: AbortSignal): Promise<ShardInfo> {
    if (this.#status !== 'started') throw this.#refusal('load a shard')
    signal?.throwIfAborted()
    this.#status = 'loading'
    const loaded = this.#answers.beginLoad(onProgress, this.#clock.now())
    const abort = (): void => this.abort()
    signal?.addEventListener('abort', abort, { once: true })
    try {
      this.#send({ type: 'load-shard', shard })
      return await loaded
    } catch (error) {
      await this.stop()
      signal?.throwIfAborted()
      throw error
    } finally {
      signal?.removeEventListener('abort', abort)
    }
  }

  setVocabulary(vocabulary: TokenVocabulary): void {
    if (this.#status !== 'ready') throw this.#refusal('take a vocabulary')
    this.#send({ type: 'set-vocabulary', vocabulary })
  }

  generate(generation: GenerationSpec, signal?: AbortSignal): AsyncIterable<GenerationPart> {
    if (this.#status !== 'ready') throw this.#refusal('generate')
    const { generationId } = generation
    if (this.#streams.count === 0) this.#watch.restart()
    const queue = this.#streams.open(generationId)
    const cancel = (): void => {
      if (this.#streams.has(generationId)) this.#send({ type: 'cancel-generation', generationId })
    }
    this.#send({ type: 'start-generation', generation })
    if (signal?.aborted) cancel()
    else signal?.addEventListener('abort', cancel, { once: true })
    return new GenerationReader(queue, () => {
      signal?.removeEventListener('abort', cancel)
      cancel()
    })
  }

  followSteps(): Promise<void> {
    if (this.#status !== 'ready') return Promise.reject(this.#refusal('follow'))
    const followed = this.#answers.awaitFollowed()
    this.#send({ type: 'follow-steps' })
    return followed
  }

  steps(): Promise<readonly RankStep[]> {
    if (this.#status !== 'ready') return Promise.reject(this.#refusal('report its steps'))
    const steps = this.#answers.awaitSteps()
    this.#send({ type: 'tell-steps' })
    return steps
  }

  onStepsBegin(listener: () => void): void {
    this.#stepsBeginListeners.push(listener)
  }

  onStandstill(listener: () => void): void {
    this.#standstillListeners.push(listener)
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  /** Stops the worker without waiting. Callers that wait for its results are notified by `#failAll`. */
  abort(): void {
    this.stop().catch((error: unknown) => this.#log.error('worker does not exit', { error }))
  }

  async #stop(): Promise<void> {
    if (this.#status === 'exited') return
    this.#status = 'closing'
    this.#send({ type: 'close-shard' })
    await this.#ended()
  }

  async #ended(): Promise<void> {
    const { spawned: process } = this.#process
    try {
      await endProcess({ process, exited: this.exited, clock: this.#clock, log: this.#log, limits: this.#limits })
    } catch (error) {
      this.#failAll(error as AppError)
      throw error
    }
  }

  #refusal(act: string): AppError {
    return (
      this.#lastError ??
      new AppError('worker-died', `The worker cannot ${act}: it is ${this.#status}.`, { reason: 'not-ready', status: this.#status })
    )
  }

  #send(command: WorkerCommand): void {
    this.#process.send(command)
  }

  #receive(message: unknown): void {
    const parsed = WorkerEvent.safeParse(message)
    if (!parsed.success) {
      this.#log.error('worker sent an unknown event, ending it', { issues: parsed.error.issues.slice(0, 3) })
      this.#lastError = new AppError('worker-died', 'The worker and the node have different versions. Run setup again.', {
        reason: 'garbage',
      })
      this.#process.kill()
      return
    }
    const event = parsed.data
    this.#watch.hear(event.type === 'worker-heartbeat' && this.#status !== 'loading' ? event : null)
    switch (event.type) {
      case 'worker-started':
        this.nativeVersion = event.nativeVersion
        if (this.#status === 'starting') this.#status = 'started'
        return this.#answers.start()
      case 'shard-progress':
        return this.#answers.progressed(event.loadedBytes, event.totalBytes, this.#clock.now())
      case 'shard-ready':
        if (this.#status === 'loading') this.#status = 'ready'
        return this.#answers.loaded(event.info)
      case 'worker-heartbeat':
        if (this.#status === 'ready') this.#stats = event.stats
        return
      case 'steps-begin':
        for (const listener of this.#stepsBeginListeners) listener()
        return
      case 'steps-end':
        return this.#answers.followed()
      case 'steps':
        return this.#answers.stepsAre(event.steps)
      case 'worker-error':
        this.#lastError = new AppError(event.code, event.message, event.details)
        this.#ended().catch((error: unknown) => this.#log.error('worker does not exit', { error }))
        return
      default:
        if (!this.#streams.deliver(event)) this.#send({ type: 'cancel-generation', generationId: event.generationId })
    }
  }

  #tick(): void {
    const hasWork = this.#streams.count > 0 || (this.#stats !== null && this.#stats.running + this.#stats.waiting > 0)
    const reason = this.#watch.tick(this.#status, this.#answers.load(), hasWork)
    if (reason !== null) this.#end(reason)
    else if (this.#status !== 'starting') void this.#lookAtProcess()
    const stoodStill = this.#standsStill
    this.#standsStill = hasWork && this.#status === 'ready' && this.#watch.standsForMs > STANDSTILL_MS
    if (this.#standsStill && !stoodStill) for (const listener of this.#standstillListeners) listener()
  }

  async #lookAtProcess(): Promise<void> {
    const cpuMs = await this.#process.cpuMs()
    if (cpuMs !== null) this.#watch.see(cpuMs)
  }

  #end(reason: NonNullable<ExitFacts['killedFor']>): void {
    if (this.#killedFor !== null) return
    this.#log.error('worker hangs, ending it', { reason, processId: this.processId() })
    this.#killedFor = reason
    this.#status = 'closing'
    this.#process.kill()
    void exitsWithin(this.#limits.killMs, this.exited, this.#clock).then((hasExited) => {
      // A process that hangs in a driver does not die; its callers must not hang with it.
      if (!hasExited) this.#failAll(this.#process.diagnose({ exitCode: null, signal: 'SIGKILL' }, reason, false))
    })
  }

  async #onExit(exit: ProcessExit): Promise<void> {
    this.#watchEnd.abort()
    const wasTold = this.#status === 'closing' && this.#killedFor === null
    this.#status = 'exited'
    const systemRanOutOfMemory = await this.#process.systemRanOutOfMemory()
    const death = wasTold
      ? new AppError('worker-died', 'The model was unloaded.', { reason: 'stopped' })
      : this.#process.diagnose(exit, this.#killedFor, systemRanOutOfMemory)
    if (!wasTold) this.#log.error('worker died', { error: this.#lastError ?? death, exitCode: exit.exitCode, signal: exit.signal })
    this.#failAll(death)
    this.#exit.resolve(wasTold ? null : death)
  }

  /** The worker's own report is more informative than its exit status. */
  #failAll(death: AppError): void {
    const cause = this.#lastError ?? death
    this.#lastError = cause
    this.#answers.failAll(cause)
    // A generation fails with `worker-died`, whatever error the worker reported, because a router can recover from that code.
    const isDeath = cause.code === 'worker-died'
    this.#streams.failAll(isDeath ? cause : new AppError('worker-died', cause.message, { ...death.details, causeCode: cause.code }, cause))
  }
}
