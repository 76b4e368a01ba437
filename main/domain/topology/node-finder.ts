import { type Adjacency, neighbourLists } from './topology-graph.ts'

/** `mesh`: every pair is linked, in both directions. `ring`: each node is linked to the next, the last to the first. */
export type Shape = 'mesh' | 'ring'

export interface NodeSearch {
  readonly shape: Shape
  readonly adjacency: Adjacency
  /** All indices are below this. */
  readonly size: number
  /** Indices that may be chosen, preferred ones first. */
  readonly candidates: readonly number[]
  /** The contribution of each index to `neededUnits`. */
  readonly units: readonly number[]
}

/** The remaining budget of a search. A step of a search for many nodes costs more than one for few. */
export interface Budget {
  left: number
}

/** Enough for one descent to the bottom and back, with some detours. */
export function descentCost(count: number): number {
  return 4_000 + 3 * count * stepCost(count)
}

function stepCost(count: number): number {
  return 1 + count / 32
}

/** With more links than this, dead ends are too rare to look for. */
const DENSE_LINKS_PER_NODE = 16

/**
 * Finds `count` nodes that form the shape and contribute enough, by a depth-first search that leaves a branch as soon
 * as even the largest remaining nodes could not complete it. If every pair of nodes is linked, the first descent
 * succeeds; the budget limits the rest, so that no search enumerates all cycles.
 */
export class NodeFinder {
  private readonly search: NodeSearch
  private readonly neighbours: readonly number[][]
  private readonly largestFirst: readonly number[]
  private readonly componentSizes: ReadonlyMap<number, number>

  constructor(search: NodeSearch) {
    this.search = search
    this.neighbours = neighbourLists(search.adjacency, search.size, search.candidates)
    this.largestFirst = [...search.candidates].sort((a, b) => this.unitsOf(b) - this.unitsOf(a))
    this.componentSizes = ringComponentSizes(this.neighbours, search.candidates)
  }

  /** @param accept - judges a complete set (for a ring, in ring order); null: continue searching */
  find<Result>(count: number, neededUnits: number, budget: Budget, accept: (nodes: readonly number[]) => Result | null): Result | null {
    const { shape, candidates } = this.search
    const isTaken = new Uint8Array(this.search.size)
    const chosen: number[] = []

    const canStillFill = (units: number): boolean => {
      let missing = count - chosen.length
      let bound = units
      for (const node of this.largestFirst) {
        if (missing === 0 || bound >= neededUnits) break
        if (isTaken[node]) continue
        bound += this.unitsOf(node)
        missing--
      }
      return bound >= neededUnits
    }
    const descend = (node: number, units: number, options: readonly number[]): Result | null => {
      if (budget.left <= 0) return null
      budget.left -= stepCost(count)
      isTaken[node] = 1
      chosen.push(node)
      const total = units + this.unitsOf(node)
      let result: Result | null = null
      if (chosen.length === count) {
        const isClosed = shape === 'mesh' || count === 1 || this.search.adjacency.has(node, chosen[0] ?? node)
        result = isClosed && total >= neededUnits ? accept(chosen) : null
      } else if (canStillFill(total)) {
        const next = shape === 'ring' ? (this.neighbours[node] ?? []) : this.commonNeighbours(node, options)
        for (const [place, option] of next.entries()) {
          if (isTaken[option]) continue
          // In a mesh only the set matters: combinations with earlier options have been tried.
          result = descend(option, total, shape === 'ring' ? options : next.slice(place + 1))
          if (result !== null || budget.left <= 0) break
        }
      }
      chosen.pop()
      isTaken[node] = 0
      return result
    }

    for (const seed of candidates) {
      if (!this.mayStart(seed, count)) continue
      const result = descend(seed, 0, candidates)
      if (result !== null || budget.left <= 0) return result
      isTaken[seed] = 1
    }
    return null
  }

  /** The sizes of the connected parts that could hold a ring: distinct, smallest first. */
  ringSizes(): number[] {
    return [...new Set(this.componentSizes.values())].sort((a, b) => a - b)
  }

  private unitsOf(node: number): number {
    return this.search.units[node] ?? 0
  }

  private commonNeighbours(node: number, options: readonly number[]): number[] {
    const { adjacency } = this.search
    return options.filter((option) => option !== node && adjacency.has(node, option) && adjacency.has(option, node))
  }

  private mayStart(seed: number, count: number): boolean {
    if (this.search.shape === 'mesh') return (this.neighbours[seed]?.length ?? 0) >= count - 1
    return count <= 2 ? (this.neighbours[seed]?.length ?? 0) >= count - 1 : (this.componentSizes.get(seed) ?? 0) >= count
  }
}

/** The sizes of the connected parts that remain after removing nodes with fewer than two neighbours, which no ring contains. */
function ringComponentSizes(neighbours: readonly number[][], candidates: readonly number[]): ReadonlyMap<number, number> {
  const links = candidates.reduce((sum, node) => sum + (neighbours[node]?.length ?? 0), 0)
  if (links > DENSE_LINKS_PER_NODE * candidates.length) return new Map(candidates.map((node) => [node, candidates.length]))
  const linked = new Map(candidates.map((node) => [node, new Set<number>()]))
  for (const from of candidates) {
    for (const to of neighbours[from] ?? []) {
      linked.get(from)?.add(to)
      linked.get(to)?.add(from)
    }
  }
  const queue = candidates.filter((node) => (linked.get(node)?.size ?? 0) < 2)
  for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
    for (const other of linked.get(node) ?? []) {
      linked.get(other)?.delete(node)
      if (linked.get(other)?.size === 1) queue.push(other)
    }
    linked.delete(node)
  }
  const sizes = new Map<number, number>()
  for (const start of linked.keys()) {
    if (sizes.has(start)) continue
    const part = new Set([start])
    for (const node of part) for (const other of linked.get(node) ?? []) part.add(other)
    for (const node of part) sizes.set(node, part.size)
  }
  return sizes
}
