import type { Clock } from '../../platform/clock.ts'
import type { InstanceId } from '../../shared/ids.ts'
import type { FirstTokenTime } from '../../shared/wire/peer/node-report.ts'

/** Older samples are ignored. */
const LIVE_MS = 60_000

/** How long recent requests of this node waited for their first token, by instance. */
export class FirstTokenTimes {
  readonly #clock: Pick<Clock, 'epochMs'>
  readonly #times = new Map<InstanceId, FirstTokenTime>()

  constructor(clock: Pick<Clock, 'epochMs'>) {
    this.#clock = clock
  }

  note(instanceId: InstanceId, ttftMs: number): void {
    this.#times.set(instanceId, { instanceId, ttftMs, atEpochMs: this.#clock.epochMs() })
  }

  list(): FirstTokenTime[] {
    const oldestEpochMs = this.#clock.epochMs() - LIVE_MS
    for (const { instanceId, atEpochMs } of this.#times.values()) if (atEpochMs < oldestEpochMs) this.#times.delete(instanceId)
    return [...this.#times.values()]
  }
}
