import type { Clock } from '../../platform/clock.ts'
import { AppError, errorCode, errorMessage } from '../../shared/app-error.ts'
import { hasTrait } from '../../shared/error-codes.ts'
import type { GenerationEvent, GenerationSpec, GenerationTimings } from '../../shared/inference/generation.ts'
import type { TokenVocabulary } from '../../shared/inference/grammar.ts'
import type { GenerationId } from '../../shared/ids.ts'
import { NO_SHARD_STATS, type ShardSpec } from '../../shared/shard.ts'
import { WorkerCommand } from '../../shared/wire/worker/worker-command.ts'
import type { WorkerEvent } from '../../shared/wire/worker/worker-event.ts'
import type { ParentChannel } from '../../platform/processes/parent-channel.ts'
import type { OpenShard, ShardEngine } from './shard-engine.ts'
import { SlowStepSizes } from './slow-step-sizes.ts'

const HEARTBEAT_MS = 1_000
const PROGRESS_MS = 100
/** With more unsent messages the node has stopped reading: the generation ends instead of filling memory. */
const MAX_UNSENT_MESSAGES = 4_096
const FLUSH_LIMIT_MS = 2_000

const NO_TIMINGS: GenerationTimings = { queueMs: 0, prefillMs: 0, decodeMs: 0, cachedTokens: 0 }

export interface ShardWorkerDependencies {
  readonly channel: ParentChannel
  /** @throws AppError `native-addon-missing` and similar */
  readonly loadEngine: () => Promise<ShardEngine>
  readonly clock: Clock
  readonly processId: number
  /** Processor time of this process since its start. */
  readonly cpuMs: () => number
  readonly exit: (status: number) => void
}

export interface ShardWorker {
  /** Reports the error to the supervisor and exits with status 1. */
  fail(error: unknown): Promise<void>
}

/** Runs one shard for a supervisor: executes `WorkerCommand`s, sends `WorkerEvent`s, and exits on request or failure. */
export function runShardWorker({ channel, loadEngine, clock, processId, cpuMs, exit }: ShardWorkerDependencies): ShardWorker {
  const end = new AbortController()
  const running = new Set<GenerationId>()
  const congested = new Set<GenerationId>()
  /** Generations that start when their draft model is loaded. A generation that is cancelled before that is removed. */
  const awaitingDraft = new Set<GenerationId>()
  let loadingDrafts = 0
  const stepSizes = new SlowStepSizes()
  let toldSteps = 0
  let engine: ShardEngine | null = null
  let shard: OpenShard | null = null
  let isOpening = false
  let lastProgressMs = Number.NEGATIVE_INFINITY

  const send = (event: WorkerEvent): void => channel.send(event)

  const leave = async (status: number): Promise<void> => {
    end.abort()
    const limit = clock.sleep(FLUSH_LIMIT_MS)
    await Promise.race([channel.flushed(), limit])
    exit(status)
  }

  const fail = async (error: unknown): Promise<void> => {
    if (end.signal.aborted) return
    const details = error instanceof AppError ? error.details : {}
    send({ type: 'worker-error', code: errorCode(error), message: errorMessage(error), details: { ...details } })
    await leave(1)
  }

  const beat = (): void => {
    const progress = shard?.progress() ?? { layersDone: 0, stepTokens: 0 }
    const stats = shard?.stats() ?? NO_SHARD_STATS
    const slowSteps = shard && stats.steps !== toldSteps ? stepSizes.since(shard.steps().steps) : []
    toldSteps = stats.steps
    send({ type: 'worker-heartbeat', stats, loadsDraft: loadingDrafts > 0, ...progress, cpuMs: cpuMs(), slowSteps })
  }

  /** An error without a generation concerns the engine, which cannot be used afterwards. */
  const deliver = (event: GenerationEvent): void => {
    const { generationId } = event
    if (event.type === 'generation-error' && !hasTrait(event.code, 'one-generation')) {
      return void fail(new AppError(event.code, event.message))
    }
    if (event.type === 'generation-end' || event.type === 'generation-error') {
      running.delete(generationId)
      const wasCongested = congested.delete(generationId)
      send(
        wasCongested
          ? {
              type: 'generation-error',
              generationId,
              code: 'consumer-too-slow',
              message: 'The node did not read the answer; it was cancelled.',
            }
          : event,
      )
      if (running.size === 0) beat()
      return
    }
    if (congested.has(generationId)) return
    if (channel.unsentMessages() <= MAX_UNSENT_MESSAGES) return send(event)
    congested.add(generationId)
    shard?.cancel(generationId)
  }

  const load = async (spec: ShardSpec): Promise<void> => {
    if (!engine || isOpening) throw new AppError('invalid-command', 'A worker can open only one shard, once.')
    isOpening = true
    shard = await engine.openShard(spec, (loadedBytes, totalBytes) => {
      if (clock.now() - lastProgressMs < PROGRESS_MS && loadedBytes < totalBytes) return
      lastProgressMs = clock.now()
      send({ type: 'shard-progress', loadedBytes, totalBytes })
    })
    shard.onStepsBegin(() => send({ type: 'steps-begin' }))
    send({ type: 'shard-ready', info: shard.info })
    beat()
  }

  const generate = async (generation: GenerationSpec): Promise<void> => {
    const { generationId, draft } = generation
    try {
      if (!shard) throw new AppError('invalid-command', 'No shard is open.')
      running.add(generationId)
      if (draft?.modelDir !== undefined) {
        awaitingDraft.add(generationId)
        loadingDrafts += 1
        await shard.loadDraft(draft.modelId, draft.modelDir).finally(() => (loadingDrafts -= 1))
        if (!awaitingDraft.delete(generationId))
          return deliver({ type: 'generation-end', generationId, finishReason: 'cancelled', timings: NO_TIMINGS })
      }
      shard.generate(generation, deliver)
    } catch (error) {
      awaitingDraft.delete(generationId)
      deliver({ type: 'generation-error', generationId, code: errorCode(error), message: errorMessage(error) })
    }
  }

  const setVocabulary = (vocabulary: TokenVocabulary): void => {
    if (!shard) throw new AppError('invalid-command', 'No shard is open.')
    shard.setVocabulary(vocabulary)
  }

  const cancel = (generationId: GenerationId): void => {
    if (!awaitingDraft.delete(generationId)) shard?.cancel(generationId)
  }

  const follow = async (): Promise<void> => {
    if (!shard) throw new AppError('invalid-command', 'No shard is open.')
    await shard.follow()
    send({ type: 'steps-end' })
  }

  const tellSteps = (): void => {
    const { nowMs, steps } = shard?.steps() ?? { nowMs: 0, steps: [] }
    const zeroEpochMs = clock.epochMs() - nowMs
    send({
      type: 'steps',
      steps: steps.map(({ beginMs, endMs, tokens: _tokens, cpuMs: _cpuMs, ...rest }) => ({
        beginEpochMs: zeroEpochMs + beginMs,
        endEpochMs: zeroEpochMs + endMs,
        ...rest,
      })),
    })
  }

  const close = async (): Promise<void> => {
    end.abort()
    await shard?.close()
    await leave(0)
  }

  const execute = (command: WorkerCommand): Promise<void> | void => {
    switch (command.type) {
      case 'load-shard':
        return load(command.shard)
      case 'set-vocabulary':
        return setVocabulary(command.vocabulary)
      case 'start-generation':
        return generate(command.generation)
      case 'cancel-generation':
        return cancel(command.generationId)
      case 'follow-steps':
        return follow()
      case 'tell-steps':
        return tellSteps()
      case 'close-shard':
        return close()
    }
  }

  channel.onMessage((message) => {
    const command = WorkerCommand.safeParse(message)
    const executed = command.success
      ? Promise.resolve(command.data).then(execute)
      : Promise.reject(new AppError('invalid-command', 'Unknown command from the node.', { issues: command.error.issues.slice(0, 3) }))
    executed.catch(fail)
  })

  const start = async (): Promise<void> => {
    engine = await loadEngine()
    send({ type: 'worker-started', processId, nativeVersion: engine.version })
    clock.every(HEARTBEAT_MS, beat, end.signal)
  }
  start().catch(fail)
  return { fail }
}
