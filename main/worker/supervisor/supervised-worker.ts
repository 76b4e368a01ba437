import type { Clock } from '../../platform/clock.ts'
import type { Log } from '../../platform/log/log.ts'
import { type Pending, pending } from '../../platform/waiting/pending.ts'
import type { ProcessExit, SpawnedProcess } from '../../platform/processes/spawn-process.ts'
import { AppError } from '../../shared/app-error.ts'
import type { GenerationPart, GenerationSpec } from '../../shared/inference/generation.ts'
import type { RankStep } from '../../shared/rank-steps.ts'
import type { ShardInfo, ShardSpec, ShardStats } from '../../shared/shard.ts'
import type { WorkerCommand } from '../../shared/wire/worker/worker-command.ts'
import { WorkerEvent } from '../../shared/wire/worker/worker-event.ts'
import { diagnoseExit, type ExitFacts } from './diagnose-exit.ts'
import { endProcess } from './end-process.ts'
import { exitsWithin } from './exits-within.ts'
import { GenerationReader } from './generation-reader.ts'
import { GenerationStreams } from './generation-streams.ts'
import { LastLines } from './last-lines.ts'
import { hearWorker, restartClock, seeProcess, startWatch, tickWatch, type WatchState } from './watch-worker.ts'
import { defaultWorkerLimits, type LoadProgress, type Worker, type WorkerLimits, type WorkerStatus } from './worker.ts'
import type { WorkerDependencies, WorkerOptions } from './worker-options.ts'

const WATCH_INTERVAL_MS = 500
const STDERR_LINES = 20
const STDERR_LINE_LENGTH = 500

/** Owns the process of one worker: its channel, its watchdog, and everything that waits for it. */
export class SupervisedWorker implements Worker {
  readonly label: string
  readonly exited: Promise<AppError<'worker-died'> | null>
  nativeVersion = ''
  readonly #process: SpawnedProcess
  readonly #clock: Clock
  readonly #log: Log
  readonly #limits: WorkerLimits
  readonly #dependencies: WorkerDependencies
  readonly #outOfMemoryKills: number | null
  readonly #streams: GenerationStreams
  readonly #stderr = new LastLines(STDERR_LINES, STDERR_LINE_LENGTH)
  readonly #watchEnd = new AbortController()
  readonly #start = pending<void>()
  readonly #exit = pending<AppError<'worker-died'> | null>()
  readonly #stepsBeginListeners: (() => void)[] = []
  #load: (Pending<ShardInfo> & { onProgress: LoadProgress; progressAtMs: number; hasJoined: boolean }) | null = null
  #follow: Pending<void> | null = null
  #steps: Pending<readonly RankStep[]> | null = null
  #status: WorkerStatus = 'starting'
  #stats: ShardStats | null = null
  #watch: WatchState
  /** The error that the worker itself reported. */
  #lastError: AppError | null = null
  #killedFor: ExitFacts['killedFor'] = null
  #stopping: Promise<void> | null = null
  readonly #startedAtMs: number

  constructor(options: WorkerOptions, dependencies: WorkerDependencies, outOfMemoryKills: number | null) {
    this.label = options.label
    this.#dependencies = dependencies
    this.#clock = dependencies.clock
    this.#log = dependencies.log.with({ worker: options.label })
    this.#limits = { ...defaultWorkerLimits, ...options.limits }
    this.#streams = new GenerationStreams(this.#limits.bufferedParts)
    this.#outOfMemoryKills = outOfMemoryKills
    this.#startedAtMs = this.#clock.now()
    this.#watch = startWatch(this.#startedAtMs)
    this.exited = this.#exit.promise
    this.#process = dependencies.spawn({ entry: options.entry, arguments: [], environment: options.environment })
    this.#process.onMessage((message) => this.#receive(message))
    this.#process.onStderr((text) => this.#stderr.push(text).forEach((line) => this.#log.debug('worker stderr', { line })))
    this.#process.onStdout((text) => this.#log.debug('worker stdout', { text: text.trimEnd().slice(0, STDERR_LINE_LENGTH) }))
    this.#process.onExit((exit) => void this.#onExit(exit))
    this.#clock.every(WATCH_INTERVAL_MS, () => this.#tick(), this.#watchEnd.signal)
  }

  started(): Promise<void> {
    return this.#start.promise
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

  groupMoved = (): void => void (this.#watch = restartClock(this.#watch))

  async load(shard: ShardSpec, onProgress: LoadProgress, signal?: AbortSignal): Promise<ShardInfo> {
    if (this.#status !== 'started') throw this.#refusal('load a shard')
    signal?.throwIfAborted()
    this.#status = 'loading'
    const load = { ...pending<ShardInfo>(), onProgress, progressAtMs: this.#clock.now(), hasJoined: false }
    this.#load = load
    const abort = (): void => this.abort()
    signal?.addEventListener('abort', abort, { once: true })
    try {
      this.#send({ type: 'load-shard', shard })
      return await load.promise
    } catch (error) {
      await this.stop()
      signal?.throwIfAborted()
      throw error
    } finally {
      signal?.removeEventListener('abort', abort)
    }
  }

  generate(generation: GenerationSpec, signal?: AbortSignal): AsyncIterable<GenerationPart> {
    if (this.#status !== 'ready') throw this.#refusal('generate')
    const { generationId } = generation
    if (this.#streams.count === 0) this.#watch = restartClock(this.#watch)
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
    this.#follow ??= pending<void>()
    this.#send({ type: 'follow-steps' })
    return this.#follow.promise
  }

  steps(): Promise<readonly RankStep[]> {
    if (this.#status !== 'ready') return Promise.reject(this.#refusal('report its steps'))
    this.#steps ??= pending<readonly RankStep[]>()
    this.#send({ type: 'tell-steps' })
    return this.#steps.promise
  }

  onStepsBegin(listener: () => void): void {
    this.#stepsBeginListeners.push(listener)
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
    try {
      await endProcess({ process: this.#process, exited: this.exited, clock: this.#clock, log: this.#log, limits: this.#limits })
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
    // A closed channel means that the process is ending: its exit settles everything that waits.
    this.#process.send(command).catch((error: unknown) => this.#log.debug('worker channel closed', { command: command.type, error }))
  }

  #receive(message: unknown): void {
    const parsed = WorkerEvent.safeParse(message)
    if (!parsed.success) {
      this.#log.error('worker sent an unknown event, ending it', { issues: parsed.error.issues.slice(0, 3) })
      this.#lastError = new AppError('worker-died', 'The worker and the node have different versions. Run setup again.', {
        reason: 'garbage',
      })
      this.#process.kill('SIGKILL')
      return
    }
    const event = parsed.data
    this.#watch = hearWorker(this.#watch, event.type === 'worker-heartbeat' && this.#status !== 'loading' ? event : null)
    switch (event.type) {
      case 'worker-started':
        this.nativeVersion = event.nativeVersion
        if (this.#status === 'starting') this.#status = 'started'
        this.#start.resolve()
        return
      case 'shard-progress':
        if (!this.#load) return
        this.#load.progressAtMs = this.#clock.now()
        this.#load.hasJoined = true
        this.#load.onProgress(event.loadedBytes, event.totalBytes)
        return
      case 'shard-ready':
        if (this.#status === 'loading') this.#status = 'ready'
        this.#load?.resolve(event.info)
        this.#load = null
        return
      case 'worker-heartbeat':
        if (this.#status === 'ready') this.#stats = event.stats
        return
      case 'steps-begin':
        for (const listener of this.#stepsBeginListeners) listener()
        return
      case 'steps-end':
        this.#follow?.resolve()
        this.#follow = null
        return
      case 'steps':
        this.#steps?.resolve(event.steps)
        this.#steps = null
        return
      case 'worker-error':
        this.#lastError = new AppError(event.code, event.message, event.details)
        this.#ended().catch((error: unknown) => this.#log.error('worker does not exit', { error }))
        return
      default:
        if (!this.#streams.deliver(event)) this.#send({ type: 'cancel-generation', generationId: event.generationId })
    }
  }

  #tick(): void {
    const nowMs = this.#clock.now()
    if (this.#status === 'starting') {
      if (nowMs - this.#startedAtMs > this.#limits.startMs) this.#end('slow-start')
      return
    }
    if (this.#load) {
      const silentMs = nowMs - this.#load.progressAtMs
      if (!this.#load.hasJoined && silentMs > this.#limits.joinMs) return this.#end('slow-join')
      if (silentMs > this.#limits.loadSilenceMs) return this.#end('slow-load')
    }
    const hasWork = this.#streams.count > 0 || (this.#stats !== null && this.#stats.running + this.#stats.waiting > 0)
    const { state, fault } = tickWatch(this.#watch, nowMs, hasWork && this.#status === 'ready', this.#limits)
    this.#watch = state
    if (fault) return this.#end(fault.reason)
    void this.#lookAtProcess()
  }

  async #lookAtProcess(): Promise<void> {
    const processId = this.processId()
    const cpuMs = (processId !== null && (await this.#dependencies.processCpuMs?.(processId))) || null
    if (cpuMs !== null) this.#watch = seeProcess(this.#watch, cpuMs)
  }

  #end(reason: NonNullable<ExitFacts['killedFor']>): void {
    if (this.#killedFor !== null) return
    this.#log.error('worker hangs, ending it', { reason, processId: this.processId() })
    this.#killedFor = reason
    this.#status = 'closing'
    this.#process.kill('SIGKILL')
    void exitsWithin(this.#limits.killMs, this.exited, this.#clock).then((hasExited) => {
      // A process that hangs in a driver does not die; its callers must not hang with it.
      if (!hasExited) this.#failAll(this.#diagnose({ exitCode: null, signal: 'SIGKILL' }, false))
    })
  }

  async #onExit(exit: ProcessExit): Promise<void> {
    this.#watchEnd.abort()
    const wasTold = this.#status === 'closing' && this.#killedFor === null
    this.#status = 'exited'
    const kills = await this.#dependencies.countOutOfMemoryKills()
    const systemRanOutOfMemory = kills !== null && this.#outOfMemoryKills !== null && kills > this.#outOfMemoryKills
    const death = wasTold
      ? new AppError('worker-died', 'The model was unloaded.', { reason: 'stopped' })
      : this.#diagnose(exit, systemRanOutOfMemory)
    if (!wasTold) this.#log.error('worker died', { error: this.#lastError ?? death, exitCode: exit.exitCode, signal: exit.signal })
    this.#failAll(death)
    this.#exit.resolve(wasTold ? null : death)
  }

  #diagnose(exit: ProcessExit, systemRanOutOfMemory: boolean): AppError<'worker-died'> {
    return diagnoseExit({ ...exit, label: this.label, stderrLines: this.#stderr.lines(), killedFor: this.#killedFor, systemRanOutOfMemory })
  }

  /** The worker's own report is more informative than its exit status. */
  #failAll(death: AppError): void {
    const cause = this.#lastError ?? death
    this.#lastError = cause
    this.#start.reject(cause)
    this.#load?.reject(cause)
    this.#follow?.reject(cause)
    this.#steps?.reject(cause)
    // A generation fails with `worker-died`, whatever error the worker reported, because a router can recover from that code.
    const isDeath = cause.code === 'worker-died'
    this.#streams.failAll(isDeath ? cause : new AppError('worker-died', cause.message, { ...death.details, causeCode: cause.code }, cause))
  }
}
