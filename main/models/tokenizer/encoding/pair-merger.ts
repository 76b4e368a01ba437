/** The number of positions in a word that a heap entry can address. The rank is above them in the same double. */
const MOST_PIECES = 2 ** 26

/**
 * Byte-pair encoding of one word: the pair with the lowest rank is merged first, and the leftmost of equal ones. The
 * time for a word of millions of letters is nearly proportional to its length: pieces are numbers in typed arrays, and
 * a heap holds the pairs.
 */
export class PairMerger {
  /** Every piece that occurs in a merge. */
  readonly #texts: string[] = []
  readonly #indexes = new Map<string, number>()
  /** Rank of a pair, by `left * 2^26 + right`. */
  readonly #ranks = new Map<number, number>()
  /** The merged piece, by rank. */
  readonly #merged: Int32Array
  #next = new Int32Array(64)
  #previous = new Int32Array(64)
  #pieces = new Int32Array(64)
  #heap = new Float64Array(64)
  #heapSize = 0

  /**
   * @param merges - pairs, lowest rank first
   * @param ranks - ranks of the merges, if several share one because they give the same piece
   */
  constructor(merges: readonly (readonly [left: string, right: string])[], ranks?: readonly number[]) {
    this.#merged = new Int32Array(ranks ? (ranks.at(-1) ?? -1) + 1 : merges.length)
    merges.forEach(([left, right], index) => {
      const rank = ranks?.[index] ?? index
      const key = this.#indexOf(left) * MOST_PIECES + this.#indexOf(right)
      this.#ranks.set(key, rank)
      this.#merged[rank] = this.#indexOf(left + right)
    })
  }

  /** @param letters - the word's letters; fewer than 2^26 */
  merge(letters: readonly string[]): string[] {
    const count = letters.length
    this.#makeRoom(count)
    const [pieces, next, previous] = [this.#pieces, this.#next, this.#previous]
    /** Letters that occur in no merge are never merged. Their texts are found by position. */
    for (let at = 0; at < count; at++) {
      pieces[at] = this.#indexes.get(letters[at]!) ?? -1
      next[at] = at + 1 < count ? at + 1 : -1
      previous[at] = at - 1
    }
    this.#heapSize = 0
    for (let at = 0; at + 1 < count; at++) this.#offer(at)
    while (this.#heapSize > 0) {
      const entry = this.#takeLeast()
      const rank = Math.floor(entry / MOST_PIECES)
      const at = entry - rank * MOST_PIECES
      if (this.#rankAt(at) !== rank) continue
      const right = next[at]!
      pieces[at] = this.#merged[rank]!
      pieces[right] = -1
      const following = (next[at] = next[right]!)
      next[right] = -1
      if (following !== -1) {
        previous[following] = at
        this.#offer(at)
      }
      const before = previous[at]!
      if (before !== -1) this.#offer(before)
    }
    const words: string[] = []
    for (let at = 0; at !== -1 && at < count; at = next[at]!) words.push(pieces[at] === -1 ? letters[at]! : this.#texts[pieces[at]!]!)
    return words
  }

  #indexOf(text: string): number {
    const known = this.#indexes.get(text)
    if (known !== undefined) return known
    this.#indexes.set(text, this.#texts.length)
    return this.#texts.push(text) - 1
  }

  #rankAt(at: number): number | undefined {
    const right = this.#next[at]!
    if (right === -1) return undefined
    const [leftPiece, rightPiece] = [this.#pieces[at]!, this.#pieces[right]!]
    return leftPiece === -1 || rightPiece === -1 ? undefined : this.#ranks.get(leftPiece * MOST_PIECES + rightPiece)
  }

  #offer(at: number): void {
    const rank = this.#rankAt(at)
    if (rank === undefined) return
    const entry = rank * MOST_PIECES + at
    let hole = this.#heapSize++
    if (hole >= this.#heap.length) this.#heap = grown(this.#heap, new Float64Array(this.#heap.length * 2))
    const heap = this.#heap
    while (hole > 0) {
      const parent = (hole - 1) >> 1
      if (heap[parent]! <= entry) break
      heap[hole] = heap[parent]!
      hole = parent
    }
    heap[hole] = entry
  }

  #takeLeast(): number {
    const heap = this.#heap
    const least = heap[0]!
    const last = heap[--this.#heapSize]!
    const size = this.#heapSize
    let hole = 0
    for (;;) {
      let child = 2 * hole + 1
      if (child >= size) break
      if (child + 1 < size && heap[child + 1]! < heap[child]!) child++
      if (heap[child]! >= last) break
      heap[hole] = heap[child]!
      hole = child
    }
    heap[hole] = last
    return least
  }

  #makeRoom(count: number): void {
    if (count <= this.#pieces.length) return
    const length = Math.max(count, this.#pieces.length * 2)
    this.#pieces = new Int32Array(length)
    this.#next = new Int32Array(length)
    this.#previous = new Int32Array(length)
  }
}

function grown(from: Float64Array<ArrayBuffer>, to: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  to.set(from)
  return to
}
