import type { Clock } from '../../platform/clock.ts'

/** Machines that are seen in the first minute are asked for admission. */
const ASK_MS = 60_000
/** Time to walk to the other machine, and to find the button. */
const ANSWER_MS = 60 * 60_000

/** The time after a person has started this machine or joined a cluster with it. */
export class AdmitWindow {
  readonly #clock: Pick<Clock, 'now'>
  readonly #lengthMs: number
  #openedMs: number | null
  #isShut = false

  /** @param lengthMs - 0: it never opens */
  constructor(clock: Pick<Clock, 'now'>, lengthMs: number, isStartedByPerson: boolean) {
    this.#clock = clock
    this.#lengthMs = lengthMs
    this.#openedMs = isStartedByPerson ? clock.now() : null
  }

  /** Others that were also just started get in. */
  isOpen(): boolean {
    return !this.#isShut && this.#age() < this.#lengthMs
  }

  /** Those who are there now are asked to let this machine in. */
  isAsking(): boolean {
    return !this.#isShut && this.#age() < ASK_MS
  }

  /** An answer of one that was asked still counts. */
  awaitsAnswers(): boolean {
    return !this.#isShut && this.#age() < ANSWER_MS
  }

  open(): void {
    this.#openedMs = this.#clock.now()
    this.#isShut = false
  }

  /** A machine was removed and may still be trying to get in. */
  shut(): void {
    this.#isShut = true
  }

  #age(): number {
    return this.#openedMs === null ? Number.POSITIVE_INFINITY : this.#clock.now() - this.#openedMs
  }
}
