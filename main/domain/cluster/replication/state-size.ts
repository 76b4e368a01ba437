import { MAX_FRAME_BYTES } from '../../../shared/wire/peer/frame-limits.ts'
import type { ClusterState } from '../cluster-state.ts'

/** A state that one message cannot carry would keep out every node that joins later. The rest of the message fits in what is left. */
export const MOST_STATE_LETTERS = MAX_FRAME_BYTES / 2

/** Keeps the state from growing beyond what a snapshot can carry. It measures rarely: events tell how much a state grew at most. */
export class StateSize {
  #atMost = 0

  /**
   * Whether the state may become `after` by events of this many letters.
   *
   * @param letters - null: the whole state is new
   */
  admits(before: ClusterState, after: ClusterState, letters: number | null): boolean {
    const estimate = letters === null ? Infinity : this.#atMost + letters
    if (after === before || estimate <= MOST_STATE_LETTERS) {
      if (after !== before) this.#atMost = estimate
      return true
    }
    const size = lettersOf(after)
    const admits = size <= MOST_STATE_LETTERS || (letters !== null && size <= lettersOf(before))
    if (admits) this.#atMost = size
    return admits
  }
}

export function lettersOf(value: unknown): number {
  return JSON.stringify(value).length
}
