import type { NodeId } from '../../shared/ids.ts'
import type { PeerAddress } from '../link/dialing/dial-targets.ts'

interface Door {
  address: PeerAddress
  dueMs: number
  seenMs: number
  tries: number
  isKnocking: boolean
}

/** Several machines that start at once need only a few tries. */
const QUICK_TRIES = 12
const QUICK_MS = 400
/** Half the time for which a waiting newcomer is remembered. */
const SLOW_MS = 10_000
const REFUSED_MS = 30_000
/** Links retry every refused node within this time and are refused again. */
const FORGET_MS = 60_000
const MOST_DOORS = 64
const MOST_AT_ONCE = 8

/** Decides when this node knocks at which other node. Pure: times are parameters, in milliseconds of one clock. */
export class KnockRounds {
  readonly #doors = new Map<NodeId, Door>()

  /** A node is reachable and, as far as links can tell, not a member. @param delayMs - lets the other end knock first */
  seen(nodeId: NodeId, address: PeerAddress, nowMs: number, delayMs = 0): void {
    const door = this.#doors.get(nodeId)
    if (door) {
      door.address = address
      door.seenMs = nowMs
      return
    }
    for (const [other, { seenMs }] of this.#doors) if (nowMs - seenMs > FORGET_MS) this.#doors.delete(other)
    if (this.#doors.size < MOST_DOORS)
      this.#doors.set(nodeId, { address, dueMs: nowMs + delayMs, seenMs: nowMs, tries: 0, isKnocking: false })
  }

  /** Something has changed, so the next knock at one node, or at all nodes, is due now. */
  hurry(nowMs: number, nodeId?: NodeId): void {
    for (const [other, door] of this.#doors) {
      if (nodeId !== undefined && other !== nodeId) continue
      door.dueMs = nowMs
      door.tries = 0
    }
  }

  forget(nodeId: NodeId): void {
    this.#doors.delete(nodeId)
  }

  /** The nodes to knock at now. They are marked as being knocked at. */
  take(nowMs: number): { readonly nodeId: NodeId; readonly address: PeerAddress }[] {
    const taken: { nodeId: NodeId; address: PeerAddress }[] = []
    let busy = [...this.#doors.values()].filter(({ isKnocking }) => isKnocking).length
    for (const [nodeId, door] of this.#doors) {
      if (door.isKnocking || door.dueMs > nowMs || busy >= MOST_AT_ONCE) continue
      if (nowMs - door.seenMs > FORGET_MS) {
        this.#doors.delete(nodeId)
        continue
      }
      door.isKnocking = true
      busy += 1
      taken.push({ nodeId, address: door.address })
    }
    return taken
  }

  knocked(nodeId: NodeId, outcome: 'answered' | 'refused' | 'failed', nowMs: number, ratio: number): void {
    const door = this.#doors.get(nodeId)
    if (!door) return
    door.isKnocking = false
    door.tries += 1
    const pauseMs = outcome === 'refused' ? REFUSED_MS : door.tries <= QUICK_TRIES ? QUICK_MS : SLOW_MS
    door.dueMs = nowMs + pauseMs * (0.5 + ratio / 2)
  }
}
