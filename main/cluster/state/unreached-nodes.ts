import type { NodeId } from '../../shared/ids.ts'

/** A broken link often returns at once; a node that is unreachable for this long has left. */
const LINK_GRACE_MS = 1_000
/** For a node whose silence has already been waited for: it may still turn out to be reachable through other nodes. */
const SILENT_GRACE_MS = 300

/** The nodes that a leader cannot reach, and since when. Pure: times are parameters, in ms of a monotonic clock. */
export class UnreachedNodes {
  readonly #sinceMs = new Map<NodeId, number>()

  /** Unreachable nodes whose grace period has not ended. */
  nodes(): ReadonlySet<NodeId> {
    return new Set(this.#sinceMs.keys())
  }

  clear(): void {
    this.#sinceMs.clear()
  }

  /**
   * @param wasSilent - whether a node's link was ended after a long silence
   * @returns the nodes of `known` that have left; they are no longer tracked
   */
  look(known: readonly NodeId[], reached: ReadonlySet<NodeId>, nowMs: number, wasSilent: (nodeId: NodeId) => boolean): NodeId[] {
    for (const nodeId of known) {
      if (reached.has(nodeId)) this.#sinceMs.delete(nodeId)
      else if (!this.#sinceMs.has(nodeId)) this.#sinceMs.set(nodeId, nowMs)
    }
    const left = [...this.#sinceMs]
      .filter(([nodeId, sinceMs]) => nowMs - sinceMs >= (wasSilent(nodeId) ? SILENT_GRACE_MS : LINK_GRACE_MS))
      .map(([nodeId]) => nodeId)
    for (const nodeId of left) this.#sinceMs.delete(nodeId)
    return left
  }
}
