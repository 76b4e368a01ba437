import type { NodeId } from '../../../shared/ids.ts'
import { keepLatest } from '../../../shared/keep-latest.ts'

const FIRST_MS = 1_000
const LAST_MS = 60_000
/** After this time without a failure, a peer's record is cleared. */
const FORGET_MS = 10 * 60_000
const MAX_KEPT = 1024

/** Peers whose last link ended by their own fault, and until when they get no other: twice as long each time. Pure: times come in. */
export class HeldOffPeers {
  readonly #peers = new Map<NodeId, { faults: number; atMs: number; untilMs: number }>()

  /** @returns until when */
  fault(nodeId: NodeId, nowMs: number): number {
    const before = this.#peers.get(nodeId)
    const faults = before && nowMs - before.atMs < FORGET_MS ? before.faults + 1 : 1
    const untilMs = nowMs + Math.min(LAST_MS, FIRST_MS * 2 ** Math.min(faults - 1, 16))
    this.#peers.delete(nodeId)
    this.#peers.set(nodeId, { faults, atMs: nowMs, untilMs })
    keepLatest(this.#peers, MAX_KEPT)
    return untilMs
  }

  isHeldOff(nodeId: NodeId, nowMs: number): boolean {
    return nowMs < (this.#peers.get(nodeId)?.untilMs ?? Number.NEGATIVE_INFINITY)
  }
}
