import { backoffDelayMs } from './backoff.ts'
import type { Clock } from '../clock.ts'
import type { Random } from '../random.ts'

export interface RetryOptions {
  readonly attempts: number
  readonly firstDelayMs: number
  readonly maxDelayMs: number
  readonly isRetryable: (error: unknown) => boolean
  /** How long the other side asks to wait; null: not stated. */
  readonly askedDelayMs?: (error: unknown) => number | null
  /** Whether the failed attempt got further than the previous one: the failure count then restarts. */
  readonly hasProgressed?: () => boolean
  readonly clock: Clock
  readonly random: Random
  readonly signal: AbortSignal
}

/** Repeats `work` until it succeeds, fails permanently, or has failed `attempts` times; throws its last error. */
export async function retry<Result>(work: (attempt: number) => Promise<Result>, options: RetryOptions): Promise<Result> {
  const { attempts, firstDelayMs, maxDelayMs, isRetryable, askedDelayMs, hasProgressed, clock, random, signal } = options
  for (let attempt = 0; ; attempt++) {
    signal.throwIfAborted()
    try {
      return await work(attempt)
    } catch (error) {
      if (hasProgressed?.()) attempt = 0
      if (attempt + 1 >= attempts || !isRetryable(error)) throw error
      await clock.sleep(Math.max(askedDelayMs?.(error) ?? 0, backoffDelayMs({ attempt, firstDelayMs, maxDelayMs }, random.ratio())), signal)
    }
  }
}
