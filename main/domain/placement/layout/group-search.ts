import type { ParallelStrategy } from '../../../shared/models/model-card.ts'
import type { PlacedShard } from '../../../shared/placement.ts'
import { type Budget, descentCost, NodeFinder } from '../../topology/node-finder.ts'
import type { Adjacency } from '../../topology/topology-graph.ts'
import { getShardAssignmentsForPipelineParallel } from './get-shard-assignments-for-pipeline-parallel.ts'
import { getShardAssignmentsForTensorParallel, tensorShardBytes } from './get-shard-assignments-for-tensor-parallel.ts'
import type { GroupLayout } from './group-layout.ts'
import { bytesPerLayer, type ModelSizes } from './model-sizes.ts'
import type { PlacementNode } from './placement-node.ts'
import { rankOrders } from './rank-orders.ts'
import { shapeOf, type Transport } from './transport.ts'

/** The budget of all searches for one placement: well below a second. */
const TOTAL_COST = 400_000
/** A set that fails at its last check has been tried in many orders. */
const REFUSAL_COST_PER_NODE = 4

type PlacedGroup = { readonly shards: PlacedShard[] } & GroupLayout
type LayoutOf = (shards: readonly PlacedShard[]) => GroupLayout | null

/** Looks for groups of nodes that can hold a model. Data prepared by a search is kept for the next size. */
export class GroupSearch {
  private readonly finders = new Map<string, NodeFinder[]>()
  private readonly budget: Budget = { left: TOTAL_COST }
  private readonly layerUnits: readonly number[]
  /** [count]: number of layers that the `count` largest nodes hold. */
  private readonly mostLayers: readonly number[]
  private readonly sizes: ModelSizes
  private readonly nodes: readonly PlacementNode[]
  private readonly orders: readonly (readonly number[])[]

  /** @param orders - orders of all nodes; the second is tried if the first finds nothing */
  constructor(sizes: ModelSizes, nodes: readonly PlacementNode[], orders: readonly (readonly number[])[]) {
    this.sizes = sizes
    this.nodes = nodes
    this.orders = orders
    this.layerUnits = nodes.map((node) => Math.min(sizes.layers, Math.floor(node.usableBytes / bytesPerLayer(sizes))))
    let sum = 0
    this.mostLayers = [0, ...[...this.layerUnits].sort((a, b) => b - a).map((layers) => (sum += layers))]
  }

  find(count: number, transport: Transport, strategy: ParallelStrategy, adjacency: Adjacency, layoutOf: LayoutOf): PlacedGroup | null {
    const units = this.unitsFor(count, strategy)
    const neededUnits = strategy === 'tensor' ? count : this.sizes.layers
    if (strategy === 'pipeline' && count > this.sizes.layers) return null
    if (this.mostUnits(units, count) < neededUnits) return null
    const isMesh = shapeOf(transport) === 'mesh'
    for (const finder of this.findersFor(strategy === 'tensor' ? `${transport} tensor ${count}` : transport, transport, units, adjacency)) {
      if (this.budget.left <= 0) return null
      const mayCost = Math.min(descentCost(count), this.budget.left)
      const budget = { left: mayCost }
      const found = finder.find(count, neededUnits, budget, (ring) => {
        const group = this.assign(ring, isMesh || count === 2 || isFullMesh(ring, adjacency), strategy, layoutOf)
        if (!group) budget.left -= REFUSAL_COST_PER_NODE * count
        return group
      })
      this.budget.left -= mayCost - budget.left
      if (found) return found
    }
    return null
  }

  ringSizes(transport: Transport, adjacency: Adjacency): number[] {
    if (shapeOf(transport) === 'mesh') return []
    return this.findersFor(transport, transport, this.layerUnits, adjacency).flatMap((finder, index) =>
      index === 0 ? finder.ringSizes() : [],
    )
  }

  renewBudget(): void {
    this.budget.left = TOTAL_COST
  }

  /** The contribution of the `count` largest nodes. */
  private mostUnits(units: readonly number[], count: number): number {
    if (units !== this.layerUnits) return Math.min(count, units.filter((unit) => unit > 0).length)
    return this.mostLayers[count] ?? 0
  }

  private assign(ring: readonly number[], isMesh: boolean, strategy: ParallelStrategy, layoutOf: LayoutOf): PlacedGroup | null {
    const assignments = strategy === 'tensor' ? getShardAssignmentsForTensorParallel : getShardAssignmentsForPipelineParallel
    for (const order of rankOrders(ring, isMesh)) {
      const shards = assignments(
        this.sizes,
        order.map((index) => this.nodes[index] as PlacementNode),
      )
      const layout = shards && layoutOf(shards)
      if (shards && layout) return { shards, ...layout }
    }
    return null
  }

  private unitsFor(count: number, strategy: ParallelStrategy): readonly number[] {
    if (strategy === 'pipeline') return this.layerUnits
    const { weightBytes, kvBytes } = tensorShardBytes(this.sizes, count)
    return this.nodes.map((node) => (node.usableBytes >= weightBytes + kvBytes ? 1 : 0))
  }

  private findersFor(key: string, transport: Transport, units: readonly number[], adjacency: Adjacency): readonly NodeFinder[] {
    const known = this.finders.get(key)
    if (known) return known
    const finders = this.orders.map((order) => {
      const candidates = order.filter((index) => (units[index] ?? 0) > 0)
      return new NodeFinder({ shape: shapeOf(transport), adjacency, size: this.nodes.length, candidates, units })
    })
    this.finders.set(key, finders)
    return finders
  }
}

function isFullMesh(nodes: readonly number[], adjacency: Adjacency): boolean {
  return nodes.length <= 64 && nodes.every((from) => nodes.every((to) => from === to || adjacency.has(from, to)))
}
