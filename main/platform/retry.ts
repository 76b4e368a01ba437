import { backoffDelayMs } from './backoff.ts'
import type { Clock } from './clock.ts'
import type { Random } from './random.ts'

export interface RetryOptions {
  readonly attempts: number
  readonly firstDelayMs: number
  readonly maxDelayMs: number
  readonly isRetryable: (error: unknown) => boolean
  readonly clock: Clock
  readonly random: Random
  readonly signal: AbortSignal
}

/** Does `work` until it succeeds, fails for good, or has failed `attempts` times; throws its last error. */
export async function retry<Result>(work: (attempt: number) => Promise<Result>, options: RetryOptions): Promise<Result> {
  const { attempts, firstDelayMs, maxDelayMs, isRetryable, clock, random, signal } = options
  for (let attempt = 0; ; attempt++) {
    signal.throwIfAborted()
    try {
      return await work(attempt)
    } catch (error) {
      if (attempt + 1 >= attempts || !isRetryable(error)) throw error
      await clock.sleep(backoffDelayMs({ attempt, firstDelayMs, maxDelayMs }, random.ratio()), signal)
    }
  }
}
