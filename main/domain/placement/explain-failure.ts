import { formatBytes } from '../../shared/formats/byte-size.ts'
import type { ModelCard } from '../../shared/models/model-card.ts'
import type { PlacementRequest } from '../../shared/placement.ts'
import type { Topology } from '../../shared/topology.ts'
import { JACCL_MESH_MAX_RANKS } from '../topology/rdma-matrix.ts'
import { getShardAssignmentsForTensorParallel } from './layout/get-shard-assignments-for-tensor-parallel.ts'
import { bytesPerLayer, endBytes, type ModelSizes, wholeModelBytes } from './layout/model-sizes.ts'
import { PlacementError } from './placement-error.ts'
import type { PlacementNode } from './layout/placement-node.ts'
import { tensorObstacle } from './layout/tensor-obstacle.ts'
import { joinReasons, transportObstacles } from './layout/transport.ts'

/** The backend was requested explicitly, so the error lists everything that is missing, up to every cable between eight Macs. */
const JACCL_REASONS_SHOWN = 28

export interface FailedPlacement {
  readonly card: ModelCard
  readonly topology: Topology
  readonly request: PlacementRequest
  readonly sizes: ModelSizes
  /** Largest first. */
  readonly nodes: readonly PlacementNode[]
  readonly contextTokens: number
}

/** Why no placement was found, with the most informative reason first: nodes, then the model's shape, then memory, then links. */
export function explainFailure(failed: FailedPlacement): PlacementError {
  const { card, nodes, request } = failed
  if (nodes.length === 0) return new PlacementError('no-nodes', 'There are no nodes to place the model on.')
  if (nodes.length < request.minNodes) {
    const message =
      `${request.minNodes} nodes were requested, but there are only ${nodes.length}. Start exo on more ` +
      'machines or request fewer nodes.'
    return new PlacementError('not-enough-nodes', message, { minNodes: request.minNodes, nodes: nodes.length })
  }
  return explainShape(failed) ?? explainMemory(failed) ?? explainLinks(failed, card)
}

/** Like `explainFailure`, for a model that runs on one node only. */
export function explainEncoderFailure(failed: FailedPlacement): PlacementError {
  const { card, nodes, request } = failed
  if (nodes.length > 0 && (request.minNodes > 1 || request.backend === 'jaccl')) {
    const reason = `${card.modelId} is an encoder, which runs on one node`
    return new PlacementError('strategy-impossible', `${reason}. Request one node.`, { strategy: 'pipeline', reasons: [reason] })
  }
  return explainFailure({ ...failed, nodes: nodes.slice(0, 1), request: { ...request, strategy: null } })
}

function explainShape({ card, nodes, request }: FailedPlacement): PlacementError | null {
  if (request.strategy === 'tensor') {
    const counts = nodes.map((_, index) => index + 1).filter((count) => count >= Math.max(2, request.minNodes))
    const reasons = counts.map((count) => tensorObstacle(card, count))
    if (counts.length > 0 && reasons.every((reason) => reason !== null)) {
      const distinct = [...new Set(reasons)]
      const message =
        `${card.modelId} cannot be split in tensor parallel here: ${joinReasons(distinct)}. Use --strategy ` +
        'pipeline or another number of nodes.'
      return new PlacementError('strategy-impossible', message, { strategy: 'tensor', reasons: distinct })
    }
    return null
  }
  if (request.minNodes <= card.layers) return null
  const reason = `${card.modelId} has ${card.layers} layers, fewer than ${request.minNodes} nodes`
  return new PlacementError('strategy-impossible', `${reason}. Request fewer nodes.`, { strategy: 'pipeline', reasons: [reason] })
}

function explainMemory(failed: FailedPlacement): PlacementError | null {
  const { card, sizes, nodes, request, contextTokens, topology } = failed
  const missingUsableBytes = request.strategy === 'tensor' ? missingForTensor(failed) : missingForPipeline(sizes, nodes, request.minNodes)
  if (missingUsableBytes === 0) return null
  const missingBytes = Math.ceil(missingUsableBytes / (1 - request.headroomRatio))
  const kvBytes = sizes.layers * sizes.kvBytesPerLayer
  const availableBytes = nodes.reduce((sum, node) => sum + (topology.nodes[node.nodeId]?.availableBytes ?? 0), 0)
  const usableBytes = nodes.reduce((sum, node) => sum + node.usableBytes, 0)
  const draft = sizes.besideBytes === 0 ? '' : `, and ${formatBytes(sizes.besideBytes)} for its draft model`
  const message =
    `Not enough memory for ${card.modelId}: it needs ${formatBytes(card.weightBytes)} for its weights and ` +
    `${formatBytes(kvBytes)} for ${contextTokens} tokens of context${draft}; ` +
    `the ${nodes.length === 1 ? 'node has' : `${nodes.length} nodes have`} ${formatBytes(availableBytes)} ` +
    `free, of which ${formatBytes(usableBytes)} may be used. ` +
    `${formatBytes(missingBytes)} more are needed: free memory, add a node, or use a shorter context or a smaller quantization.`
  return new PlacementError('not-enough-memory', message, {
    missingBytes,
    weightBytes: card.weightBytes,
    kvBytes,
    contextTokens,
    availableBytes,
    usableBytes,
  })
}

/** Missing bytes over all nodes, regardless of their links; 0 if they have enough. */
function missingForPipeline(sizes: ModelSizes, nodes: readonly PlacementNode[], minNodes: number): number {
  const perLayer = bytesPerLayer(sizes)
  const largestBytes = nodes[0]?.usableBytes ?? 0
  const missingOnOne = minNodes === 1 ? Math.max(0, wholeModelBytes(sizes) - largestBytes) : Infinity
  const counts = nodes.map((_, index) => index + 1).filter((count) => count >= Math.max(2, minNodes) && count <= sizes.layers)
  if (missingOnOne === 0 || counts.some((count) => hasRoom(sizes, nodes.slice(0, count)))) return 0
  if (counts.length === 0) return missingOnOne
  const usableBytes = nodes.reduce((sum, node) => sum + node.usableBytes, 0)
  const ends = endBytes(sizes, { isFirst: true, isLast: false }) + lastBytes(sizes)
  const neededBytes = ends + sizes.layers * perLayer
  // The total memory is enough, but some single layer does not fit on any node.
  return Math.min(missingOnOne, neededBytes > usableBytes ? neededBytes - usableBytes : perLayer)
}

/** The memory of the last stage besides its layers. */
const lastBytes = (sizes: ModelSizes): number => endBytes(sizes, { isFirst: false, isLast: true }) + sizes.besideBytes

/** Whether any split over all of these nodes exists, wherever the ends of the model are. */
function hasRoom(sizes: ModelSizes, nodes: readonly PlacementNode[]): boolean {
  const perLayer = bytesPerLayer(sizes)
  const layersBeside = (node: PlacementNode, bytes: number): number =>
    Math.min(sizes.layers, Math.floor((node.usableBytes - bytes) / perLayer))
  const rooms = nodes.map((node) => layersBeside(node, 0))
  const total = rooms.reduce((sum, layers) => sum + layers, 0)
  if (total < sizes.layers || rooms.some((layers) => layers < 1)) return false
  const losses = (bytes: number): { index: number; loss: number }[] =>
    nodes
      .map((node, index) => ({ index, loss: layersBeside(node, bytes) < 1 ? Infinity : (rooms[index] ?? 0) - layersBeside(node, bytes) }))
      .sort((a, b) => a.loss - b.loss)
      .slice(0, 2)
  const heads = losses(lastBytes(sizes))
  const embeddings = losses(endBytes(sizes, { isFirst: true, isLast: false }))
  return heads.some((head) =>
    embeddings.some((embedding) => head.index !== embedding.index && total - head.loss - embedding.loss >= sizes.layers),
  )
}

function missingForTensor({ card, sizes, nodes, request }: FailedPlacement): number {
  let least = Infinity
  for (let count = Math.max(2, request.minNodes); count <= nodes.length; count++) {
    if (tensorObstacle(card, count) !== null) continue
    const boundless = nodes.slice(0, count).map((node) => ({ ...node, usableBytes: Infinity }))
    const [shard] = getShardAssignmentsForTensorParallel(sizes, boundless) ?? []
    const rankBytes = shard ? shard.weightBytes + shard.kvBytes : 0
    least = Math.min(
      least,
      // The largest node has the draft.
      nodes
        .slice(0, count)
        .reduce((sum, node, index) => sum + Math.max(0, rankBytes + (index === 0 ? sizes.besideBytes : 0) - node.usableBytes), 0),
    )
  }
  return Number.isFinite(least) ? least : 0
}

function explainLinks({ topology, request, nodes, sizes }: FailedPlacement, card: ModelCard): PlacementError {
  const smallest = smallestGroup(sizes, nodes, request.minNodes).map((node) => node.nodeId)
  if (request.backend === 'jaccl') {
    // Any group could have been chosen, so the error lists what each one lacks, if there are few.
    const group = nodes.length > JACCL_MESH_MAX_RANKS ? smallest : nodes.map((node) => node.nodeId)
    const transport = group.length > JACCL_MESH_MAX_RANKS ? 'jaccl-ring' : 'jaccl-mesh'
    const missing = group.length < 2 ? ['JACCL needs at least two nodes'] : transportObstacles(transport, topology, group)
    if (missing.length === 0) missing.push('no address of rank 0 that all other nodes reach')
    const message =
      `JACCL is not possible here: ${joinReasons(missing, JACCL_REASONS_SHOWN)}. Fix that, or omit ` + '--backend jaccl to use TCP.'
    return new PlacementError('backend-impossible', message, { backend: 'jaccl', missing })
  }
  const missing = transportObstacles('tcp-ring', topology, smallest)
  if (missing.length === 0) missing.push('no ring over these nodes was found')
  const message =
    `The nodes have the memory for ${card.modelId}, but no ring of links connects them: ` +
    `${joinReasons(missing)}. Check cables, firewall and subnets.`
  return new PlacementError('not-connected', message, { missing })
}

/** The largest nodes, as many as the model needs. */
function smallestGroup(sizes: ModelSizes, nodes: readonly PlacementNode[], minNodes: number): readonly PlacementNode[] {
  const perLayer = bytesPerLayer(sizes)
  let room = 0
  const enough = nodes.findIndex((node, index) => {
    room += Math.floor(node.usableBytes / perLayer)
    return room >= sizes.layers && index + 1 >= Math.max(2, minNodes)
  })
  return enough < 0 ? nodes : nodes.slice(0, enough + 1)
}
