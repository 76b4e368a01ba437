import type { Clock } from '../../platform/clock.ts'
import type { Log } from '../../platform/log/log.ts'
import { backoffDelayMs } from '../../platform/waiting/backoff.ts'
import { errorMessage } from '../../shared/app-error.ts'
import type { OtlpTarget } from './otlp-settings.ts'

/** Retries of one message, with growing waits. Source: OTLP/HTTP, "Failures". */
const MOST_ATTEMPTS = 5
const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 30_000
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504])
/** A collector that is down is reported once in this time. */
const REPORT_EACH_MS = 10 * 60_000

export interface OtlpSenderDependencies {
  readonly post: typeof fetch
  readonly clock: Pick<Clock, 'now' | 'sleep'>
  readonly log: Pick<Log, 'warn'>
}

/** Sends messages to one address of a collector. A failure is logged and never thrown. */
export class OtlpSender {
  readonly #target: OtlpTarget
  readonly #dependencies: OtlpSenderDependencies
  #reportedAtMs: number | null = null

  constructor(target: OtlpTarget, dependencies: OtlpSenderDependencies) {
    this.#target = target
    this.#dependencies = dependencies
  }

  /** @returns false: the message is lost */
  async send(message: object, signal: AbortSignal): Promise<boolean> {
    const { clock } = this.#dependencies
    const body = JSON.stringify(message)
    let failure = ''
    for (let attempt = 1; attempt <= MOST_ATTEMPTS && !signal.aborted; attempt++) {
      const waitMs = await this.#attempt(body, attempt, signal).catch((error: unknown) => {
        failure = errorMessage(error)
        return error instanceof Refused ? null : backOff(attempt)
      })
      if (waitMs === 'sent') return true
      if (waitMs === null) break
      if (attempt < MOST_ATTEMPTS) await clock.sleep(waitMs, signal).catch(() => undefined) // the loop ends with the signal
    }
    this.#report(failure)
    return false
  }

  /** @returns the wait before the next attempt. @throws Refused for an answer that no later attempt changes */
  async #attempt(body: string, attempt: number, signal: AbortSignal): Promise<number | 'sent'> {
    const { url, headers, timeoutMs } = this.#target
    const response = await this.#dependencies.post(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body,
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    })
    await response.body?.cancel()
    if (response.ok) return 'sent'
    if (!RETRYABLE.has(response.status)) throw new Refused(`It answered with status ${response.status}.`)
    const asked = Number(response.headers.get('retry-after'))
    return Number.isFinite(asked) && asked > 0 ? Math.min(asked * 1000, LONGEST_WAIT_MS) : backOff(attempt)
  }

  #report(failure: string): void {
    const { clock, log } = this.#dependencies
    if (this.#reportedAtMs !== null && clock.now() - this.#reportedAtMs < REPORT_EACH_MS) return
    this.#reportedAtMs = clock.now()
    log.warn('the OpenTelemetry collector does not take what this node sends', { url: new URL(this.#target.url).origin, failure })
  }
}

/** The collector has rejected a message for good. */
class Refused extends Error {}

/** @param attempt - 1: the first one has failed */
const backOff = (attempt: number): number =>
  backoffDelayMs({ attempt: attempt - 1, firstDelayMs: FIRST_WAIT_MS, maxDelayMs: LONGEST_WAIT_MS }, 1)
