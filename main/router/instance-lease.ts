import type { Clock } from '../platform/clock.ts'
import type { Log } from '../platform/log/log.ts'
import type { Random } from '../platform/random.ts'
import { backoffDelayMs } from '../platform/waiting/backoff.ts'
import { AppError, errorCode } from '../shared/app-error.ts'
import type { InstanceId, ModelId } from '../shared/ids.ts'
import type { Failures } from './choice-run.ts'
import { isUnloaded } from '../shared/inference/unloaded.ts'
import { isRecoverable } from './inference-error.ts'
import type { InstanceHandle, InstancesPort } from './router-ports.ts'
import type { RouterLimits } from './router.ts'

export interface LeaseDependencies {
  readonly instances: InstancesPort
  readonly preferred: InstanceId | undefined
  readonly contextTokens?: number | undefined
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly limits: RouterLimits
  /** Null: the default of the instance. */
  readonly resume: boolean | null
}

/** The instance that serves one request, and its replacement when it fails. */
export class InstanceLease {
  readonly #modelId: ModelId
  readonly #dependencies: LeaseDependencies
  #hasHung = false
  #renewal: { readonly of: InstanceHandle; readonly handle: Promise<InstanceHandle> } | null = null

  constructor(modelId: ModelId, dependencies: LeaseDependencies) {
    this.#modelId = modelId
    this.#dependencies = dependencies
  }

  /** Waits, with growing pauses, for an instance that is recovering. */
  async ensure(signal: AbortSignal): Promise<InstanceHandle> {
    const { instances, preferred, contextTokens, clock, random, log, limits } = this.#dependencies
    const giveUpAtMs = clock.now() + limits.recoveryWithinMs
    for (let failures = 0; ; failures++) {
      try {
        return await instances.ensure(this.#modelId, signal, preferred, contextTokens)
      } catch (error) {
        // A model that a client unloads while this request waits for it is loaded again.
        const isPassing = errorCode(error) === 'instance-recovering' || isUnloaded(error)
        if (!isPassing || clock.now() >= giveUpAtMs) throw error
        log.info('instance is recovering, waiting', { modelId: this.#modelId, failures })
        await clock.sleep(this.#delayMs(failures, random), signal)
      }
    }
  }

  /**
   * The instance to continue with after `failed` threw `error`. Choices that fail together share it.
   *
   * @param failures - earlier failures
   * @throws the error itself if continuing is not possible or not wanted
   */
  async renew(failed: InstanceHandle, error: unknown, failures: Failures, signal: AbortSignal): Promise<InstanceHandle> {
    const { clock, random, limits, resume } = this.#dependencies
    const isAlive = errorCode(error) === 'consumer-too-slow'
    // A single hang, for example of a machine that slept or swapped, usually does not repeat.
    const isFirstHang = !this.#hasHung && error instanceof AppError && error.details['reason'] === 'hung'
    if (isFirstHang) this.#hasHung = true
    // A model that is being loaded again did not fail: only time limits that wait.
    const isComing = errorCode(error) === 'instance-recovering'
    const isSpent = isComing ? clock.now() - failures.sinceMs >= limits.recoveryWithinMs : failures.ofModel >= limits.recoveries
    if (!isRecoverable(error) || !(isAlive || (resume ?? (failed.isRecoverable || isFirstHang || isComing))) || isSpent) throw error
    await clock.sleep(this.#delayMs(failures.inRow, random), signal)
    if (isAlive) return failed
    if (this.#renewal?.of !== failed) this.#renewal = { of: failed, handle: this.ensure(signal) }
    return this.#renewal.handle
  }

  #delayMs(failures: number, random: Random): number {
    const { recoveryFirstDelayMs, recoveryMaxDelayMs } = this.#dependencies.limits
    return backoffDelayMs({ attempt: failures, firstDelayMs: recoveryFirstDelayMs, maxDelayMs: recoveryMaxDelayMs }, random.ratio())
  }
}
