import type { GenerationEvent, GenerationSpec } from '../main/shared/inference/generation.ts'
import type { GenerationId } from '../main/shared/ids.ts'
import { NO_SHARD_STATS, type ShardStats } from '../main/shared/shard.ts'
import type { Binding, EngineEvent, BindingProgress, EngineSettings, EngineVocabulary, BindingSteps, ShardHandle } from './binding.ts'
import { Deferred } from './deferred.ts'
import { engineCode, NativeError } from './native-error.ts'
import type { DecoderPlan } from './plan/decoder-plan.ts'

type Loaded = Extract<EngineEvent, { type: 'loaded' }>

/** Converts an engine's single stream of events into promises and per-generation callbacks. */
export class NativeShard {
  readonly loaded: Promise<Loaded>
  readonly #handle: ShardHandle
  readonly #onProgress: (loadedBytes: number) => void
  readonly #generations = new Map<string, (event: GenerationEvent) => void>()
  readonly #loading = new Deferred<Loaded>()
  readonly #closing = new Deferred<void>()
  /** One entry for each time that rank 0 started; the engine follows them in order. */
  readonly #following: Deferred<void>[] = []
  /** Drafts that are loading, in order. */
  readonly #drafting: Deferred<void>[] = []
  #onStepsBegin: () => void = () => undefined
  #lastStats = NO_SHARD_STATS
  #lastProgress: BindingProgress = { layersDone: 0, stepTokens: 0 }
  /** The error that broke the engine; `shard-closed` after `close`. */
  #failure: NativeError | null = null

  constructor(binding: Binding, settings: EngineSettings, onProgress: (loadedBytes: number) => void) {
    this.loaded = this.#loading.promise
    this.#onProgress = onProgress
    this.#handle = new binding.ShardHandle(settings, (events) => {
      for (const event of events) this.#receive(event)
    })
  }

  setVocabulary(vocabulary: EngineVocabulary): void {
    if (this.#failure) throw this.#failure
    this.#handle.setVocabulary(vocabulary)
  }

  generate(spec: GenerationSpec, onEvent: (event: GenerationEvent) => void): void {
    if (this.#failure) throw this.#failure
    this.#generations.set(spec.generationId, onEvent)
    this.#handle.generate(spec)
  }

  cancel(generationId: GenerationId): void {
    this.#handle.cancel(generationId)
  }

  /** @throws NativeError `draft-failed`; the shard continues without a draft */
  loadDraft(draftId: string, decoder: DecoderPlan): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure)
    const drafting = new Deferred<void>()
    this.#drafting.push(drafting)
    this.#handle.loadDraft({ draftId, decoder })
    return drafting.promise
  }

  follow(): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure)
    const following = new Deferred<void>()
    this.#following.push(following)
    this.#handle.follow()
    return following.promise
  }

  onStepsBegin(callback: () => void): void {
    this.#onStepsBegin = callback
  }

  stats(): ShardStats {
    this.#lastStats = this.#handle.stats() ?? this.#lastStats
    return this.#lastStats
  }

  progress(): BindingProgress {
    this.#lastProgress = this.#handle.progress() ?? { ...this.#lastProgress, stepTokens: 0 }
    return this.#lastProgress
  }

  steps(): BindingSteps {
    return this.#handle.steps() ?? { nowMs: 0, steps: [] }
  }

  close(): Promise<void> {
    this.#failure ??= new NativeError('shard-closed', 'The shard is closed.')
    this.#handle.close()
    return this.#closing.promise
  }

  #receive(event: EngineEvent): void {
    switch (event.type) {
      case 'loaded':
        return this.#loading.resolve(event)
      case 'load-progress':
        return this.#onProgress(event.loadedBytes)
      case 'failed':
        // The engine's thread may wait forever for a rank that is gone, so nothing waits for the engine.
        return this.#end(new NativeError(engineCode(event.code), event.message))
      case 'draft-loaded':
        return this.#drafting.shift()?.resolve()
      case 'draft-failed':
        return this.#drafting.shift()?.reject(
          new NativeError('draft-failed', `The draft model could not be loaded: ${event.message}`, {
            draftId: event.draftId,
            causeCode: event.code,
          }),
        )
      case 'steps-begin':
        return this.#onStepsBegin()
      case 'steps-end':
        return this.#following.shift()?.resolve()
      case 'closed':
        return this.#end(this.#failure ?? new NativeError('shard-closed', 'The shard is closed.'))
      default:
        return this.#deliver(event)
    }
  }

  #deliver(event: GenerationEvent): void {
    const onEvent = this.#generations.get(event.generationId)
    if (event.type === 'generation-end' || event.type === 'generation-error') this.#generations.delete(event.generationId)
    onEvent?.(event)
  }

  /** Fails everything that waits, since no more events will arrive. */
  #end(failure: NativeError): void {
    this.#failure = failure
    this.#loading.reject(failure)
    for (const following of this.#following.splice(0)) following.reject(failure)
    for (const drafting of this.#drafting.splice(0)) drafting.reject(failure)
    for (const [generationId, onEvent] of this.#generations) {
      onEvent({ type: 'generation-error', generationId: generationId as GenerationId, code: failure.code, message: failure.message })
    }
    this.#generations.clear()
    this.#closing.resolve()
  }
}
