import type { Clock } from '../../platform/clock.ts'
import type { NodeId } from '../../shared/ids.ts'
import { keepLatest } from '../../shared/keep-latest.ts'

/** How long a person's admission of a machine stays valid. */
const ADMITTED_FOR_MS = 10 * 60_000
const MOST_KEPT = 64

/** The machines that the person here has admitted or refused, by key, and the machines that this one has asked. */
export class SpokenFor {
  readonly #clock: Pick<Clock, 'now'>
  readonly #admitted = new Map<NodeId, number>()
  readonly #refused = new Set<NodeId>()
  readonly #asked = new Set<NodeId>()

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock
  }

  admit(nodeId: NodeId): void {
    this.#refused.delete(nodeId)
    this.#admitted.delete(nodeId)
    this.#admitted.set(nodeId, this.#clock.now())
    keepLatest(this.#admitted, MOST_KEPT)
  }

  isAdmitted(nodeId: NodeId): boolean {
    const atMs = this.#admitted.get(nodeId)
    return atMs !== undefined && this.#clock.now() - atMs < ADMITTED_FOR_MS
  }

  refuse(nodeId: NodeId): void {
    this.#admitted.delete(nodeId)
    this.#refused.add(nodeId)
    keepLatest(this.#refused, MOST_KEPT)
  }

  isRefused(nodeId: NodeId): boolean {
    return this.#refused.has(nodeId)
  }

  /** This machine asks that node for admission. The earliest entries are kept, so that a crowd of made-up nodes cannot displace them. */
  ask(nodeId: NodeId): void {
    if (this.#asked.size < MOST_KEPT) this.#asked.add(nodeId)
  }

  isAsked(nodeId: NodeId): boolean {
    return this.#asked.has(nodeId)
  }

  forget(nodeId: NodeId): void {
    this.#admitted.delete(nodeId)
    this.#asked.delete(nodeId)
  }
}
