import type { InstanceState } from '../../domain/cluster/cluster-state.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Log } from '../../platform/log/log.ts'
import { AppError, errorCode, errorMessage } from '../../shared/app-error.ts'
import type { Backend, RingPlace, ShardInfo, ShardSpec } from '../../shared/shard.ts'
import type { ShardReport, ShardSample } from '../../shared/wire/peer/node-report.ts'
import type { Worker } from '../../worker/supervisor/worker.ts'
import type { ShardAssignment } from './group/shard-assignment.ts'
import type { WorkerGroup } from './group/worker-group.ts'

const GROUP_FAILURE_DELAY_MS = 300

export interface LocalShardDependencies {
  readonly log: Log
  readonly clock: Pick<Clock, 'sleep'>
  /** Makes the shard's files available on this machine and returns their folder. */
  prepareModel(assignment: ShardAssignment, signal: AbortSignal): Promise<string>
  /** A free port for this rank's group; null: the shard is alone. */
  reservePort(assignment: ShardAssignment): Promise<number | null>
  /** How the worker finds the other ranks. Called once every rank has a port. */
  group(assignment: ShardAssignment, signal: AbortSignal): Promise<WorkerGroup>
  shardSpec(assignment: ShardAssignment, modelDir: string, ring: RingPlace | null): Promise<ShardSpec>
  /** @param backend - the connection between the ranks; null: there are no other ranks */
  startWorker(label: string, environment: Readonly<Record<string, string>>, backend: Backend | null, signal: AbortSignal): Promise<Worker>
  /** Called when the reports have changed. */
  onChange(): void
  onProgress(label: string, doneBytes: number, totalBytes: number): void
  /** A rank of a ring has made no progress for a moment. */
  onStandstill(): void
  /** Rank 0 has work, for the `begins`th time: the other ranks must follow. */
  onStepsBegin(instance: InstanceState, begins: number): void
}

export interface ReadyShard {
  readonly worker: Worker
  readonly info: ShardInfo
  readonly epoch: number
}

/** One shard of one epoch, from its files to its worker's end. */
export class LocalShard {
  assignment: ShardAssignment
  /** The assignment after this epoch; undefined until this shard is told to end. */
  successor: ShardAssignment | null | undefined
  /** For rank 0: how often it has begun a run of steps; for other ranks: how often they have followed. */
  begins = 0
  readonly #dependencies: LocalShardDependencies
  readonly #log: Log
  readonly #abort = new AbortController()
  #status: ShardReport['status'] = 'waiting'
  #port: number | null = null
  #loadedRatio = 0
  #groupMoves = 0
  #failure: { code: string; message: string } | null = null
  #ready: ReadyShard | null = null
  #worker: Worker | null = null
  #onLearn: (() => void) | null = null

  constructor(assignment: ShardAssignment, dependencies: LocalShardDependencies) {
    this.assignment = assignment
    this.#dependencies = dependencies
    const { instance, shard } = assignment
    this.#log = dependencies.log.with({ instanceId: instance.instanceId, epoch: instance.epoch, rank: shard.rank })
  }

  learn(assignment: ShardAssignment): void {
    this.assignment = assignment
    this.#onLearn?.()
  }

  ready(): ReadyShard | null {
    return this.#ready
  }

  follow(begins: number): void {
    for (; this.#ready && this.begins < begins; this.begins += 1) {
      // The worker's exit reports its end.
      this.#ready.worker.followSteps().catch((error: unknown) => this.#log.debug('a rank left its group', { error }))
    }
  }

  report(): ShardReport {
    const { instance, shard } = this.assignment
    return {
      instanceId: instance.instanceId,
      epoch: instance.epoch,
      rank: shard.rank,
      status: this.#status,
      port: this.#port,
      residentBytes: this.#ready?.info.residentBytes ?? 0,
      code: this.#failure?.code ?? null,
      message: this.#failure?.message ?? null,
    }
  }

  sample(): ShardSample {
    const { instance, shard } = this.assignment
    const { kvBytes = 0, prefixCacheBytes = 0, peakBytes = 0, sentBytes = 0 } = this.#ready?.worker.stats() ?? {}
    return {
      instanceId: instance.instanceId,
      rank: shard.rank,
      kvBytes,
      prefixCacheBytes,
      peakBytes,
      sentBytes,
      loadedRatio: this.#loadedRatio,
      moves: this.#ready?.worker.moves() ?? 0,
    }
  }

  hearGroup(others: readonly ShardSample[]): void {
    const moves = others.reduce((total, sample) => total + (sample.moves ?? 0), 0)
    if (moves > this.#groupMoves) this.#ready?.worker.groupMoved()
    this.#groupMoves = moves
  }

  async run(): Promise<void> {
    try {
      await this.#load(this.#abort.signal)
    } catch (error) {
      if (this.#abort.signal.aborted) return
      this.#log.error('shard failed', { error })
      this.#fail(errorCode(error), errorMessage(error))
    }
  }

  /** Reports that this node does not load it. */
  refuse({ code, message }: AppError): void {
    this.#log.warn('a placement is refused', { code, reason: message })
    this.#fail(code, message)
  }

  async end(): Promise<void> {
    this.#abort.abort(new AppError('cancelled', 'The model is being unloaded.'))
    this.#set('stopped')
    this.#ready = null
    await this.#worker?.stop().catch((error: unknown) => this.#log.error('a worker did not stop', { error }))
  }

  async #load(signal: AbortSignal): Promise<void> {
    const { instance, shard } = this.assignment
    const isAlone = instance.placement.shards.length === 1
    const label = `${instance.card.modelId}${isAlone ? '' : ` rank ${shard.rank}`}`
    signal.throwIfAborted()
    this.#set('fetching')
    const modelDir = await this.#dependencies.prepareModel(this.assignment, signal)
    this.#port = await this.#dependencies.reservePort(this.assignment)
    this.#set(this.#port === null ? 'loading' : 'connecting')
    if (this.#port !== null) await this.#everyPort(signal)

    const { environment, ring } = await this.#dependencies.group(this.assignment, signal)
    const worker = await this.#dependencies.startWorker(label, environment, isAlone ? null : instance.placement.backend, signal)
    this.#worker = worker
    signal.throwIfAborted()
    this.#set('loading')
    const spec = await this.#dependencies.shardSpec(this.assignment, modelDir, ring)
    const onProgress = (doneBytes: number, totalBytes: number): void => {
      this.#loadedRatio = totalBytes > 0 ? Math.min(1, doneBytes / totalBytes) : 0
      this.#dependencies.onProgress(`Loading ${label}`, doneBytes, totalBytes)
    }
    const info = await worker.load(spec, onProgress, signal)
    this.#loadedRatio = 1
    worker.onStepsBegin(() => this.#dependencies.onStepsBegin(this.assignment.instance, (this.begins += 1)))
    if (instance.placement.backend === 'ring') worker.onStandstill(() => this.#dependencies.onStandstill())
    this.#ready = { worker, info, epoch: instance.epoch }
    this.#log.info('shard ready', {
      modelId: instance.card.modelId,
      loadMs: Math.round(info.loadMs),
      residentBytes: info.residentBytes,
      device: info.device,
    })
    this.#set('ready')
    void worker.exited.then((death) => {
      this.#ready = null
      // The ranks of a group fail together: the links first get time to report which node is gone, if one is.
      if (death)
        void this.#dependencies.clock.sleep(isAlone ? 0 : GROUP_FAILURE_DELAY_MS, signal).then(
          () => this.#fail(death.code, death.message),
          () => undefined,
        )
    })
  }

  /** Resolves when the state contains a port for every rank. */
  async #everyPort(signal: AbortSignal): Promise<void> {
    const isComplete = (): boolean => this.assignment.instance.shards.every((shard) => shard.port !== null)
    await new Promise<void>((resolve, reject) => {
      this.#onLearn = () => {
        if (isComplete()) resolve()
      }
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      this.#onLearn()
    }).finally(() => {
      this.#onLearn = null
    })
  }

  #fail(code: string, message: string): void {
    this.#failure = { code, message: message.slice(0, 4000) }
    this.#set('failed')
  }

  #set(status: ShardReport['status']): void {
    this.#status = status
    this.#dependencies.onChange()
  }
}
