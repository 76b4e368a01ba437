import type { NodeId } from '../../../shared/ids.ts'
import { keepLatest } from '../../../shared/keep-latest.ts'

const FIRST_MS = 1_000
const LAST_MS = 60_000
/** After this time without a failure, a peer's record is cleared. */
const FORGET_MS = 10 * 60_000
const MAX_KEPT = 1024

/**
 * Peers whose last link ended through their own fault, and the time until which they get no other link. The time
 * doubles with each fault. Pure: times are parameters.
 */
export class HeldOffPeers {
  readonly #peers = new Map<NodeId, { faults: number; atMs: number; untilMs: number }>()

  /** @returns the time until which the peer is held off */
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
