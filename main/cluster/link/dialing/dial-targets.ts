import { backoffDelayMs } from '../../../platform/waiting/backoff.ts'
import type { NodeId } from '../../../shared/ids.ts'
import { HeldOffPeers } from './held-off-peers.ts'

/** A possible address of a node. */
export interface PeerAddress {
  readonly host: string
  readonly port: number
}

export interface DialTarget extends PeerAddress {
  /** null: not known before the first link. */
  readonly nodeId: NodeId | null
  /** Given by the user: dialled forever. Others are dropped after a minute without an announcement. */
  readonly isStatic: boolean
  /** The delay before the first try, relative to the best address of the same node. */
  readonly delayMs: number
}

/** The link to a node, as far as dialing depends on it. */
export interface KnownLink {
  readonly host: string
  /** The node has not been heard for a moment. */
  readonly isQuiet: boolean
}

interface Entry {
  target: DialTarget
  attempts: number
  dueMs: number
  seenMs: number
  isDialing: boolean
}

const FIRST_RETRY_MS = 250
/** Short, so that a healed partition becomes one cluster again within seconds; a dial on a local network is cheap. */
const LAST_RETRY_MS = 2000
/** Delay before a node that refused us is tried again: its settings or ours may have changed. */
const REFUSED_RETRY_MS = 15_000
const FORGET_MS = 60_000
/** Limited, because anyone on the network can announce addresses. */
const MAX_LEARNT = 1024
const MAX_DIALS = 32

const keyOf = ({ host, port }: PeerAddress): string => `${host} ${port}`

/** Decides which addresses to dial and when. Pure: times (ms of a monotonic clock) and random ratios in [0, 1) are parameters. */
export class DialTargets {
  readonly #entries = new Map<string, Entry>()
  readonly #heldOff = new HeldOffPeers()

  /** The address was configured, announced, or used. */
  learn(target: DialTarget, nowMs: number): void {
    const entry = this.#entries.get(keyOf(target))
    if (entry) {
      const hasMoved = target.nodeId !== null && entry.target.nodeId !== null && target.nodeId !== entry.target.nodeId
      entry.target = { ...entry.target, nodeId: target.nodeId ?? entry.target.nodeId, isStatic: entry.target.isStatic || target.isStatic }
      entry.seenMs = nowMs
      if (hasMoved) this.#retryAt(entry, nowMs)
      return
    }
    if (!target.isStatic && this.#entries.size >= MAX_LEARNT) return
    this.#entries.set(keyOf(target), { target, attempts: 0, dueMs: nowMs + target.delayMs, seenMs: nowMs, isDialing: false })
  }

  /**
   * The addresses to dial now, which are marked as being dialled. A linked node is dialled only while its link is quiet,
   * and then at its other addresses: a cable may have been cut while the network stands.
   */
  take(nowMs: number, linkOf: (nodeId: NodeId) => KnownLink | null): DialTarget[] {
    const taken: DialTarget[] = []
    let dials = [...this.#entries.values()].filter(({ isDialing }) => isDialing).length
    for (const [key, entry] of this.#entries) {
      const { target } = entry
      const link = target.nodeId === null ? null : linkOf(target.nodeId)
      if (link) entry.seenMs = nowMs
      if (link && (!link.isQuiet || link.host === target.host)) continue
      if (!target.isStatic && !entry.isDialing && nowMs - entry.seenMs > FORGET_MS) this.#entries.delete(key)
      else if (!entry.isDialing && entry.dueMs <= nowMs && dials < MAX_DIALS) {
        entry.isDialing = true
        dials += 1
        taken.push(target)
      }
    }
    return taken
  }

  /** The dial reached a node, which is now linked or was linked already. */
  succeeded(address: PeerAddress, nodeId: NodeId, nowMs: number): void {
    const entry = this.#entries.get(keyOf(address))
    if (!entry) return
    entry.target = { ...entry.target, nodeId }
    entry.isDialing = false
    this.#retryAt(entry, nowMs + FIRST_RETRY_MS)
  }

  failed(address: PeerAddress, nowMs: number, ratio: number): void {
    const entry = this.#entries.get(keyOf(address))
    if (!entry) return
    entry.isDialing = false
    entry.dueMs = nowMs + backoffDelayMs({ attempt: entry.attempts, firstDelayMs: FIRST_RETRY_MS, maxDelayMs: LAST_RETRY_MS }, ratio)
    entry.attempts += 1
  }

  /** The node refused the link. */
  refused(address: PeerAddress, nowMs: number, ratio: number): void {
    const entry = this.#entries.get(keyOf(address))
    if (!entry) return
    entry.isDialing = false
    entry.dueMs = nowMs + REFUSED_RETRY_MS * (0.5 + ratio)
  }

  /**
   * The link to the node is lost. Its addresses are tried at once, with a small random delay so that the two ends do
   * not dial at the same instant.
   */
  lost(nodeId: NodeId, nowMs: number, ratio: number, isItsFault = false): void {
    const fromMs = isItsFault ? this.#heldOff.fault(nodeId, nowMs) : nowMs
    for (const entry of this.#entries.values()) {
      if (entry.target.nodeId === nodeId) this.#retryAt(entry, fromMs + entry.target.delayMs + FIRST_RETRY_MS * ratio)
    }
  }

  /** Whether its last link ended recently through its own fault, so that it gets no other yet. */
  isHeldOff(nodeId: NodeId, nowMs: number): boolean {
    return this.#heldOff.isHeldOff(nodeId, nowMs)
  }

  /** Dials all targets again at once, because this node's key or theirs has changed. */
  retryAll(nowMs: number): void {
    for (const entry of this.#entries.values()) if (!entry.isDialing) this.#retryAt(entry, nowMs)
  }

  /** The address is this node's own. */
  forget(address: PeerAddress): void {
    this.#entries.delete(keyOf(address))
  }

  #retryAt(entry: Entry, dueMs: number): void {
    entry.attempts = 0
    entry.dueMs = dueMs
  }
}
