import type { NodeId } from '../shared/ids.ts'

/** A broken link is often back at once; a node that is unreachable for this long has left. */
const LINK_GRACE_MS = 1_000
/** One that was waited for already may still be found to be reached over others. */
const SILENT_GRACE_MS = 300

/** Which nodes a leader cannot reach, and since when. Pure: times in ms of one monotonic clock come in. */
export class UnreachedNodes {
  readonly #sinceMs = new Map<NodeId, number>()

  /** Unreachable nodes that have not timed out yet. */
  nodes(): ReadonlySet<NodeId> {
    return new Set(this.#sinceMs.keys())
  }

  clear(): void {
    this.#sinceMs.clear()
  }

  /**
   * @param wasSilent - whether a node's link was given up because nothing came for long
   * @returns those of `known` that have left; they are waited for no more
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
