import type { NodeId } from '../../shared/ids.ts'
import type { ModelCard, ParallelStrategy } from '../../shared/model-card.ts'
import type { Fallback, PlacedShard, Placement, PlacementRequest } from '../../shared/placement.ts'
import type { Topology } from '../../shared/topology.ts'
import { type Budget, descentCost, NodeFinder } from '../topology/node-finder.ts'
import { nodeName } from '../topology/rdma-obstacle.ts'
import { type Adjacency, topologyGraph } from '../topology/topology-graph.ts'
import { explainFailure } from './explain-failure.ts'
import { getShardAssignmentsForPipelineParallel } from './get-shard-assignments-for-pipeline-parallel.ts'
import { getShardAssignmentsForTensorParallel, tensorShardBytes } from './get-shard-assignments-for-tensor-parallel.ts'
import { type GroupLayout, groupLayout } from './group-layout.ts'
import { bytesPerLayer, endBytes, type ModelSizes, modelSizes, wholeModelBytes } from './model-sizes.ts'
import type { PlacementNode } from './placement-node.ts'
import { rankOrders } from './rank-orders.ts'
import { restrictTopology } from './restrict-topology.ts'
import { tensorObstacle } from './tensor-obstacle.ts'
import { adjacencyOf, backendOf, joinReasons, linksAmong, maxRanks, shapeOf, transportName, transportObstacles, type Transport, TRANSPORTS } from './transport.ts'

/** Of all searches for one placement together: well below a second. */
const TOTAL_COST = 400_000
/** A set that fails at its last check has been tried in many orders. */
const REFUSAL_COST_PER_NODE = 4

/**
 * Decides where a model goes.
 *
 * One node if it fits there. Else the smallest set of nodes that holds weights, KV cache and headroom; of sets as
 * small, those joined by the fastest transport; of those, nodes that hold the files, then those with most memory.
 *
 * @param wholeTopology - of which `request.onlyNodes` may leave a part
 * @param isImagined - the topology tells of cables only, not of the network beside them: JACCL needs no address then
 * @throws PlacementError with what is missing
 */
export function placeInstance(card: ModelCard, wholeTopology: Topology, request: PlacementRequest, isImagined = false): Placement {
  const topology = request.onlyNodes ? restrictTopology(wholeTopology, request.onlyNodes) : wholeTopology
  const contextTokens = Math.min(request.contextTokens, card.contextTokens)
  const sizes = modelSizes(card, contextTokens)
  const graph = topologyGraph(topology)
  const nodes = graph.nodeIds.map((nodeId): PlacementNode => {
    const availableBytes = topology.nodes[nodeId]?.availableBytes ?? 0
    return { nodeId, usableBytes: Math.floor(availableBytes * (1 - request.headroomRatio)) }
  })
  const storedRatio = (index: number): number => topology.nodes[graph.nodeIds[index] as NodeId]?.storedModels?.[card.modelId] ?? 0
  const nodeAt = (index: number): PlacementNode => nodes[index] as PlacementNode
  const byMemory = (a: number, b: number): number => nodeAt(b).usableBytes - nodeAt(a).usableBytes || (nodeAt(a).nodeId < nodeAt(b).nodeId ? -1 : 1)
  const largestFirst = nodes.map((_, index) => index).sort(byMemory)
  const preferredFirst = [...largestFirst].sort((a, b) => storedRatio(b) - storedRatio(a) || byMemory(a, b))

  const single = preferredFirst.find((index) => nodeAt(index).usableBytes >= wholeModelBytes(sizes))
  if (single !== undefined && request.minNodes === 1 && request.backend !== 'jaccl') {
    return placeOnOneNode(sizes, nodeAt(single), contextTokens, request, topology)
  }

  const transports = TRANSPORTS.filter((transport) => request.backend === null || backendOf(transport) === request.backend)
  const groups = new GroupSearch(sizes, nodes, [preferredFirst, largestFirst])
  const leastCount = Math.max(2, request.minNodes)
  for (let count = leastCount; count <= nodes.length; count++) {
    for (const transport of transports) {
      const placement = place(count, transport)
      if (placement) return placement
    }
  }
  // Where links are few, no ring of some nodes may exist and yet one of all of them: what the budget did not come to.
  for (const transport of transports) {
    for (const count of groups.ringSizes(transport, adjacencyOf(transport, graph)).filter((size) => size >= leastCount)) {
      groups.renewBudget()
      const placement = place(count, transport)
      if (placement) return placement
    }
  }
  throw explainFailure({ card, topology, request, sizes, nodes: largestFirst.map(nodeAt), contextTokens })

  function place(count: number, transport: Transport): Placement | null {
    if (count > maxRanks(transport)) return null
    for (const strategy of strategiesFor(card, request, transport)) {
      if (strategy === 'tensor' && tensorObstacle(card, count) !== null) continue
      const found = groups.find(count, transport, strategy, adjacencyOf(transport, graph), (shards) => groupLayout(transport, topology, shards, isImagined))
      if (!found) continue
      const fallbacks = [...transportFallbacks(transports, transport, topology, found.shards), ...strategyFallbacks(card, request, transport, strategy, count)]
      return { strategy, backend: backendOf(transport), jacclRing: transport === 'jaccl-ring', contextTokens, ...found, fallbacks }
    }
    return null
  }
}

/** Tensor parallel adds up twice per layer: over TCP that costs more than it saves, so there it must be asked for. */
function strategiesFor(card: ModelCard, request: PlacementRequest, transport: Transport): readonly ParallelStrategy[] {
  if (request.strategy !== null) return [request.strategy]
  if (!card.strategies.includes('pipeline')) return card.strategies
  return backendOf(transport) === 'jaccl' && card.strategies.includes('tensor') ? ['tensor', 'pipeline'] : ['pipeline']
}

function placeOnOneNode(sizes: ModelSizes, node: PlacementNode, contextTokens: number, request: PlacementRequest, topology: Topology): Placement {
  const weightBytes = sizes.layersBytes + endBytes(sizes, { isFirst: true, isLast: true })
  const shards = [{ nodeId: node.nodeId, rank: 0, stage: 0, layers: { start: 0, end: sizes.layers }, weightBytes, kvBytes: sizes.layers * sizes.kvBytesPerLayer }]
  const name = nodeName(node.nodeId, topology.nodes[node.nodeId])
  const fallbacks = request.strategy === 'tensor' ? [{ from: 'tensor', to: 'single node', reason: `the model fits on ${name}` }] : []
  return { strategy: 'pipeline', backend: 'local', jacclRing: false, contextTokens, shards, rdmaMatrix: null, addressMatrix: [[null]], fallbacks }
}

function transportFallbacks(wanted: readonly Transport[], used: Transport, topology: Topology, shards: readonly PlacedShard[]): Fallback[] {
  const nodeIds = shards.map((shard) => shard.nodeId)
  const between = linksAmong(topology, nodeIds)
  return wanted.slice(0, wanted.indexOf(used)).map((transport, index): Fallback => {
    const obstacles = transportObstacles(transport, topology, nodeIds, between)
    const reason = obstacles.length > 0 ? joinReasons(obstacles) : 'no rank 0 has an address that all other nodes reach, or no such order of the nodes was found'
    return { from: transportName(transport), to: transportName(wanted[index + 1] ?? used), reason }
  })
}

function strategyFallbacks(card: ModelCard, request: PlacementRequest, transport: Transport, used: ParallelStrategy, count: number): Fallback[] {
  if (used !== 'pipeline' || !strategiesFor(card, request, transport).includes('tensor')) return []
  return [{ from: 'tensor', to: 'pipeline', reason: tensorObstacle(card, count) ?? 'an equal part is too large for one of the nodes' }]
}

type PlacedGroup = { readonly shards: PlacedShard[] } & GroupLayout
type LayoutOf = (shards: readonly PlacedShard[]) => GroupLayout | null

/** Looks for groups of nodes; what a search prepares is kept for the next size. */
class GroupSearch {
  private readonly finders = new Map<string, NodeFinder[]>()
  private readonly budget: Budget = { left: TOTAL_COST }
  private readonly layerUnits: readonly number[]
  /** [count]: layers that the `count` largest nodes hold. */
  private readonly mostLayers: readonly number[]
  private readonly sizes: ModelSizes
  private readonly nodes: readonly PlacementNode[]
  private readonly orders: readonly (readonly number[])[]

  /** @param orders - of all nodes; the second is tried where the first finds nothing */
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
    return this.findersFor(transport, transport, this.layerUnits, adjacency).flatMap((finder, index) => (index === 0 ? finder.ringSizes() : []))
  }

  renewBudget(): void {
    this.budget.left = TOTAL_COST
  }

  /** What the `count` largest nodes contribute. */
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
