import type { NodeId } from '../../shared/ids.ts'
import type { Link, Topology } from '../../shared/topology.ts'
import { rdmaObstacle } from './rdma-obstacle.ts'

/** Which nodes have a link to which, by index into `TopologyGraph.nodeIds`. */
export interface Adjacency {
  has(from: number, to: number): boolean
}

export interface NodeGraph {
  readonly nodeIds: readonly NodeId[]
  /** Directed, over any medium. */
  readonly tcp: Adjacency
  /** Directed, over Thunderbolt. */
  readonly thunderbolt: Adjacency
  /** A cable reported by both sides, between two nodes that may use RDMA. */
  readonly rdma: Adjacency
}

/** Links whose ends are unknown or identical are ignored. */
export function topologyGraph(topology: Topology): NodeGraph {
  const nodeIds = Object.keys(topology.nodes) as NodeId[]
  const indexOf = new Map(nodeIds.map((nodeId, index) => [nodeId, index]))
  const tcp = new BitMatrix(nodeIds.length)
  const thunderbolt = new BitMatrix(nodeIds.length)
  const cables = new BitMatrix(nodeIds.length)
  const mayUseRdma = nodeIds.map((nodeId) => rdmaObstacle(nodeId, topology.nodes[nodeId]) === null)
  const add = (link: Link): void => {
    const from = indexOf.get(link.from)
    const to = indexOf.get(link.to)
    if (from === undefined || to === undefined || from === to) return
    if (link.kind === 'rdma') {
      if (mayUseRdma[from] && mayUseRdma[to]) cables.set(from, to)
      return
    }
    tcp.set(from, to)
    if (link.medium === 'thunderbolt') thunderbolt.set(from, to)
  }
  topology.links.forEach(add)
  const rdma: Adjacency = { has: (from, to) => cables.has(from, to) && cables.has(to, from) }
  return { nodeIds, tcp, thunderbolt, rdma }
}

/** The linked nodes of every node, in the order of `candidates`. */
export function neighbourLists(adjacency: Adjacency, size: number, candidates: readonly number[]): number[][] {
  const lists: number[][] = Array.from({ length: size }, () => [])
  for (const from of candidates) lists[from] = candidates.filter((to) => to !== from && adjacency.has(from, to))
  return lists
}

class BitMatrix implements Adjacency {
  private readonly words: Uint32Array
  private readonly wordsPerRow: number

  constructor(size: number) {
    this.wordsPerRow = Math.ceil(size / 32)
    this.words = new Uint32Array(size * this.wordsPerRow)
  }

  set(row: number, column: number): void {
    const word = row * this.wordsPerRow + (column >>> 5)
    this.words[word] = (this.words[word] ?? 0) | (1 << (column & 31))
  }

  has(row: number, column: number): boolean {
    return ((this.words[row * this.wordsPerRow + (column >>> 5)] ?? 0) & (1 << (column & 31))) !== 0
  }
}
