import type { PathWidth } from '../../cluster/judge-path-width.ts'
import type { Clock } from '../../platform/clock.ts'
import type { NodeId } from '../../shared/ids.ts'

/** How long a path that carried large packets counts as wide: in a large cluster longer, so that tests cost an idle node little. */
const BELIEVED_MS = 10_000
const BELIEVED_PER_PATH_MS = 3_000
const MOST_KNOWN = 4_096

/** An address of a peer at which small packets pass and large ones are lost. */
export interface NarrowPath {
  readonly to: NodeId
  readonly address: string
}

/** Remembers which paths lose large packets: such a path passes heartbeats but no activations. */
export class PathWidths {
  readonly #clock: Pick<Clock, 'now'>
  readonly #wideSinceMs = new Map<string, number>()
  readonly #narrow = new Map<string, NarrowPath>()
  readonly #running = new Map<string, Promise<PathWidth>>()

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock
  }

  /**
   * Tests again if the last result is old or was `narrow`.
   * @param isInDoubt - ignores earlier results
   * @param judge - tests the path itself
   */
  async isNarrow(path: NarrowPath, isInDoubt: boolean, judge: () => Promise<PathWidth>): Promise<boolean> {
    const key = `${path.to} ${path.address}`
    const believedMs = Math.max(BELIEVED_MS, BELIEVED_PER_PATH_MS * this.#wideSinceMs.size)
    if (!isInDoubt && this.#clock.now() - (this.#wideSinceMs.get(key) ?? -Infinity) < believedMs) return false
    const width = await this.#judgeOnce(key, judge)
    // The test was inconclusive: the earlier result still counts.
    if (width === 'unknown') return this.#narrow.has(key)
    if (this.#wideSinceMs.size + this.#narrow.size >= MOST_KNOWN) this.#forgetAll()
    if (width === 'narrow') this.#narrow.set(key, path)
    else this.#narrow.delete(key)
    if (width === 'wide') this.#wideSinceMs.set(key, this.#clock.now())
    else this.#wideSinceMs.delete(key)
    return width === 'narrow'
  }

  /** A group failed: every path is tested again. */
  doubt(): void {
    this.#wideSinceMs.clear()
  }

  narrow(): NarrowPath[] {
    return [...this.#narrow.values()]
  }

  /** Callers at the same time share one test of a path. */
  async #judgeOnce(key: string, judge: () => Promise<PathWidth>): Promise<PathWidth> {
    const running = this.#running.get(key) ?? judge()
    this.#running.set(key, running)
    return running.finally(() => this.#running.delete(key))
  }

  #forgetAll(): void {
    this.#wideSinceMs.clear()
    this.#narrow.clear()
  }
}
