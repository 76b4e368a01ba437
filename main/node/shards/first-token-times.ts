import type { Clock } from '../../platform/clock.ts'
import type { InstanceId } from '../../shared/ids.ts'
import type { FirstTokenTime } from '../../shared/wire/peer/node-report.ts'

/** Older samples are ignored. */
const LIVE_MS = 60_000

/** How long recent requests of this node waited for their first token, by instance. */
export class FirstTokenTimes {
  readonly #clock: Pick<Clock, 'now' | 'epochMs'>
  readonly #times = new Map<InstanceId, { readonly time: FirstTokenTime; readonly notedMs: number }>()

  constructor(clock: Pick<Clock, 'now' | 'epochMs'>) {
    this.#clock = clock
  }

  note(instanceId: InstanceId, ttftMs: number): void {
    this.#times.set(instanceId, { time: { instanceId, ttftMs, atEpochMs: this.#clock.epochMs() }, notedMs: this.#clock.now() })
  }

  list(): FirstTokenTime[] {
    const oldestMs = this.#clock.now() - LIVE_MS
    for (const [instanceId, { notedMs }] of this.#times) if (notedMs < oldestMs) this.#times.delete(instanceId)
    return [...this.#times.values()].map(({ time }) => time)
  }
}
