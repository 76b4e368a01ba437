import { type EngineStay, measureInference } from '../domain/generation/measure-inference.ts'
import { InstanceId } from '../shared/ids.ts'
import type { FinishReason, InferenceRequest, InferenceTimings, Usage } from '../shared/inference/inference.ts'
import type { RouterDependencies } from './router.ts'

/** Records what happens during one inference, for its usage and timings and for the node's history. */
export class InferenceRecorder {
  modelId: string | null = null
  instanceId: string | null = null
  seed: string | null = null
  promptTokens = 0
  readonly #request: InferenceRequest
  readonly #dependencies: Pick<RouterDependencies, 'clock' | 'log' | 'onFirstToken' | 'onInferenceEnd'>
  readonly #acceptedAtMs: number
  #firstTokenAtMs: number | null = null
  #completionTokens = 0
  #resumes = 0
  readonly #stays: EngineStay[] = []

  constructor(request: InferenceRequest, dependencies: Pick<RouterDependencies, 'clock' | 'log' | 'onFirstToken' | 'onInferenceEnd'>) {
    this.#request = request
    this.#dependencies = dependencies
    this.#acceptedAtMs = dependencies.clock.now()
  }

  noteToken(): void {
    this.#completionTokens++
    if (this.#firstTokenAtMs !== null) return
    const { clock, onFirstToken } = this.#dependencies
    this.#firstTokenAtMs = clock.now()
    if (this.instanceId !== null) onFirstToken?.(InstanceId.parse(this.instanceId), this.#firstTokenAtMs - this.#acceptedAtMs)
  }

  noteStay(stay: EngineStay): void {
    this.#stays.push(stay)
  }

  noteResume(): void {
    this.#resumes++
  }

  /**
   * Reports the end of the inference.
   *
   * @param finishReasons - one per choice; null: the request failed
   */
  end(finishReasons: readonly FinishReason[] | null, errorCode: string | null): { usage: Usage; timings: InferenceTimings } {
    const { clock, log, onInferenceEnd } = this.#dependencies
    const stays = this.#stays.toSorted((a, b) => a.choiceIndex - b.choiceIndex)
    const usage = {
      promptTokens: this.promptTokens,
      completionTokens: this.#completionTokens,
      cachedTokens: stays[0]?.timings.cachedTokens ?? 0,
    }
    const timings = measureInference({
      acceptedAtMs: this.#acceptedAtMs,
      firstTokenAtMs: this.#firstTokenAtMs,
      endedAtMs: clock.now(),
      stays,
    })
    const { requestId, model, trit = 0 } = this.#request
    const { modelId, instanceId, seed } = this
    try {
      onInferenceEnd?.({
        requestId,
        model,
        trit,
        modelId,
        instanceId,
        seed,
        finishReasons,
        errorCode,
        usage,
        timings,
        resumes: this.#resumes,
      })
    } catch (error) {
      log.error('an inference could not be recorded', { requestId, error })
    }
    return { usage, timings }
  }
}
