import type { Clock } from '../../platform/clock.ts'

/** Machines seen in the first minute are asked for admission. */
const ASK_MS = 60_000
/** Time to walk to the other machine, and to find the button. */
const ANSWER_MS = 60 * 60_000
/** Machines that start together may merge in several steps; in practice none of them needs more than this. */
const MOST_FOLLOWED = 8

/** The time after a person has started this machine or joined a cluster with it. */
export class AdmitWindow {
  readonly #clock: Pick<Clock, 'now'>
  readonly #lengthMs: number
  #openedMs: number | null
  #isShut = false
  #followed = 0

  /** @param lengthMs - 0: a start does not open the window, and only joining requests admission */
  constructor(clock: Pick<Clock, 'now'>, lengthMs: number, isStartedByPerson: boolean) {
    this.#clock = clock
    this.#lengthMs = lengthMs
    this.#openedMs = isStartedByPerson && lengthMs > 0 ? clock.now() : null
  }

  /** Other newly started machines are admitted. */
  isOpen(): boolean {
    return !this.#isShut && this.#age() < this.#lengthMs
  }

  /** Whether this machine asks the current members for admission. */
  isAsking(): boolean {
    return !this.#isShut && this.#age() < ASK_MS
  }

  /** Whether the answer of a machine that was asked still counts. */
  awaitsAnswers(): boolean {
    return !this.#isShut && this.#age() < ANSWER_MS
  }

  /** The person joins a cluster with this machine. */
  open(): void {
    this.#openedMs = this.#clock.now()
    this.#isShut = false
    this.#followed = 0
  }

  /** A machine was removed and may still be trying to get in. */
  shut(): void {
    this.#isShut = true
  }

  /** This machine has taken the secret of a machine that it did not know. */
  followed(): void {
    this.#followed += 1
  }

  hasFollowedEnough(): boolean {
    return this.#followed >= MOST_FOLLOWED
  }

  #age(): number {
    return this.#openedMs === null ? Number.POSITIVE_INFINITY : this.#clock.now() - this.#openedMs
  }
}
