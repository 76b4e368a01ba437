import type { NodeId } from '../../shared/ids.ts'
import type { ModelCard, ParallelStrategy } from '../../shared/models/model-card.ts'
import type { Fallback, PlacedShard, Placement, PlacementRequest } from '../../shared/placement.ts'
import type { Topology } from '../../shared/topology.ts'
import { nodeName } from '../topology/rdma-obstacle.ts'
import { topologyGraph } from '../topology/topology-graph.ts'
import { explainEncoderFailure, explainFailure } from './explain-failure.ts'
import { keptKvBits } from './kv/kept-kv-bits.ts'
import { groupLayout } from './layout/group-layout.ts'
import { GroupSearch } from './layout/group-search.ts'
import { endBytes, type ModelSizes, wholeModelBytes } from './layout/model-sizes.ts'
import type { PlacementNode } from './layout/placement-node.ts'
import { placementBasis } from './placement-basis.ts'
import { restrictTopology } from './restrict-topology.ts'
import { tensorObstacle } from './layout/tensor-obstacle.ts'
import {
  adjacencyOf,
  backendOf,
  joinReasons,
  linksAmong,
  maxRanks,
  transportName,
  transportObstacles,
  type Transport,
  TRANSPORTS,
} from './layout/transport.ts'

/**
 * Decides where to place a model.
 *
 * A single node if it fits there. Otherwise the smallest set of nodes with room for weights, KV cache and headroom.
 * Among sets of the same size, those with the fastest transport are preferred; then nodes that already have the files,
 * and then those with the most memory.
 *
 * @param wholeTopology - the topology, of which `request.onlyNodes` may exclude a part
 * @param isImagined - the topology lists only cables and not the network next to them: JACCL then needs no address
 * @throws PlacementError with the missing requirements
 */
export function placeInstance(card: ModelCard, wholeTopology: Topology, request: PlacementRequest, isImagined = false): Placement {
  const topology = request.onlyNodes ? restrictTopology(wholeTopology, request.onlyNodes) : wholeTopology
  const contextTokens = Math.min(request.contextTokens, card.contextTokens)
  const graph = topologyGraph(topology)
  const { kvBits, fallbacks: kvFallbacks } = keptKvBits(card, request)
  const { sizes, sizesOn, nodes } = placementBasis(card, topology, request, { nodeIds: graph.nodeIds, contextTokens, kvBits })
  const storedRatio = (index: number): number => topology.nodes[graph.nodeIds[index] as NodeId]?.storedModels?.[card.modelId] ?? 0
  const nodeAt = (index: number): PlacementNode => nodes[index] as PlacementNode
  const byMemory = (a: number, b: number): number =>
    nodeAt(b).usableBytes - nodeAt(a).usableBytes || (nodeAt(a).nodeId < nodeAt(b).nodeId ? -1 : 1)
  const largestFirst = nodes.map((_, index) => index).sort(byMemory)
  const preferredFirst = [...largestFirst].sort((a, b) => storedRatio(b) - storedRatio(a) || byMemory(a, b))

  const single = preferredFirst.find((index) => nodeAt(index).usableBytes >= wholeModelBytes(sizesOn(nodeAt(index).nodeId)))
  if (single !== undefined && request.minNodes === 1 && request.backend !== 'jaccl') {
    return withKv(placeOnOneNode(sizesOn(nodeAt(single).nodeId), nodeAt(single), contextTokens, request, topology))
  }

  const failed = { card, topology, request, sizes, nodes: largestFirst.map(nodeAt), contextTokens }
  if (card.isEncoder) throw explainEncoderFailure(failed)
  const transports = TRANSPORTS.filter((transport) => request.backend === null || backendOf(transport) === request.backend)
  const groups = new GroupSearch(sizes, nodes, [preferredFirst, largestFirst])
  const leastCount = Math.max(2, request.minNodes)
  for (let count = leastCount; count <= nodes.length; count++) {
    for (const transport of transports) {
      const placement = place(count, transport)
      if (placement) return placement
    }
  }
  // With few links, a ring of all nodes may exist although the search found none of fewer nodes within its budget.
  for (const transport of transports) {
    for (const count of groups.ringSizes(transport, adjacencyOf(transport, graph)).filter((size) => size >= leastCount)) {
      groups.renewBudget()
      const placement = place(count, transport)
      if (placement) return placement
    }
  }
  throw explainFailure(failed)

  function place(count: number, transport: Transport): Placement | null {
    if (count > maxRanks(transport)) return null
    for (const strategy of strategiesFor(card, request, transport)) {
      if (strategy === 'tensor' && tensorObstacle(card, count) !== null) continue
      const found = groups.find(count, transport, strategy, adjacencyOf(transport, graph), (shards) =>
        groupLayout(transport, topology, shards, isImagined),
      )
      if (!found) continue
      const fallbacks = [
        ...transportFallbacks(transports, transport, topology, found.shards),
        ...strategyFallbacks(card, request, transport, strategy, count),
      ]
      return withKv({ strategy, backend: backendOf(transport), jacclRing: transport === 'jaccl-ring', contextTokens, ...found, fallbacks })
    }
    return null
  }

  function withKv(placement: Placement): Placement {
    return { ...placement, ...(kvBits && { kvBits }), fallbacks: [...placement.fallbacks, ...kvFallbacks] }
  }
}

/**
 * Tensor parallelism adds up partial results twice per layer. Over TCP that costs more than it saves, so there it must
 * be requested explicitly.
 */
function strategiesFor(card: ModelCard, request: PlacementRequest, transport: Transport): readonly ParallelStrategy[] {
  if (request.strategy !== null) return [request.strategy]
  if (!card.strategies.includes('pipeline')) return card.strategies
  return backendOf(transport) === 'jaccl' && card.strategies.includes('tensor') ? ['tensor', 'pipeline'] : ['pipeline']
}

function placeOnOneNode(
  sizes: ModelSizes,
  node: PlacementNode,
  contextTokens: number,
  request: PlacementRequest,
  topology: Topology,
): Placement {
  const weightBytes = sizes.layersBytes + endBytes(sizes, { isFirst: true, isLast: true })
  const shards = [
    {
      nodeId: node.nodeId,
      rank: 0,
      stage: 0,
      layers: { start: 0, end: sizes.layers },
      weightBytes,
      kvBytes: sizes.layers * sizes.kvBytesPerLayer,
    },
  ]
  const name = nodeName(node.nodeId, topology.nodes[node.nodeId])
  const fallbacks = request.strategy === 'tensor' ? [{ from: 'tensor', to: 'single node', reason: `the model fits on ${name}` }] : []
  return {
    strategy: 'pipeline',
    backend: 'local',
    jacclRing: false,
    contextTokens,
    shards,
    rdmaMatrix: null,
    addressMatrix: [[null]],
    fallbacks,
  }
}

function transportFallbacks(wanted: readonly Transport[], used: Transport, topology: Topology, shards: readonly PlacedShard[]): Fallback[] {
  const nodeIds = shards.map((shard) => shard.nodeId)
  const between = linksAmong(topology, nodeIds)
  return wanted.slice(0, wanted.indexOf(used)).map((transport, index): Fallback => {
    const obstacles = transportObstacles(transport, topology, nodeIds, between)
    const reason =
      obstacles.length > 0
        ? joinReasons(obstacles)
        : 'no node has an address that all other nodes can reach, or no such order of the nodes was found'
    return { from: transportName(transport), to: transportName(wanted[index + 1] ?? used), reason }
  })
}

function strategyFallbacks(
  card: ModelCard,
  request: PlacementRequest,
  transport: Transport,
  used: ParallelStrategy,
  count: number,
): Fallback[] {
  if (used !== 'pipeline' || !strategiesFor(card, request, transport).includes('tensor')) return []
  return [{ from: 'tensor', to: 'pipeline', reason: tensorObstacle(card, count) ?? 'an equal share is too large for one of the nodes' }]
}
