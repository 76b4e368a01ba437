import type { NodeId } from '../../../shared/ids.ts'
import type { Backend } from '../../../shared/shard.ts'
import type { Topology } from '../../../shared/topology.ts'
import { nodeName, rdmaObstacle } from '../../topology/rdma-obstacle.ts'
import { JACCL_MESH_MAX_RANKS } from '../../topology/rdma-matrix.ts'
import { type LinksBetween, linksBetween } from '../../topology/links-between.ts'
import type { Shape } from '../../topology/node-finder.ts'
import type { Adjacency, NodeGraph } from '../../topology/topology-graph.ts'

/** The connections between the shards of an instance, fastest first. */
export const TRANSPORTS = ['jaccl-mesh', 'jaccl-ring', 'thunderbolt-ring', 'tcp-ring'] as const
export type Transport = (typeof TRANSPORTS)[number]

const NAMES: Readonly<Record<Transport, string>> = {
  'jaccl-mesh': 'JACCL mesh',
  'jaccl-ring': 'JACCL ring',
  'thunderbolt-ring': 'TCP ring over Thunderbolt',
  'tcp-ring': 'TCP ring',
}

/** Display name. */
export function transportName(transport: Transport): string {
  return NAMES[transport]
}

export function backendOf(transport: Transport): Backend {
  return transport === 'jaccl-mesh' || transport === 'jaccl-ring' ? 'jaccl' : 'ring'
}

export function shapeOf(transport: Transport): Shape {
  return transport === 'jaccl-mesh' ? 'mesh' : 'ring'
}

/** The largest group that can use the transport. */
export function maxRanks(transport: Transport): number {
  return transport === 'jaccl-mesh' ? JACCL_MESH_MAX_RANKS : Infinity
}

export function adjacencyOf(transport: Transport, graph: NodeGraph): Adjacency {
  if (backendOf(transport) === 'jaccl') return graph.rdma
  return transport === 'thunderbolt-ring' ? graph.thunderbolt : graph.tcp
}

/** Maximum number of obstacles collected. */
const OBSTACLES_LIMIT = 64

/** Why these nodes cannot use the transport; empty: they can. */
export function transportObstacles(
  transport: Transport,
  topology: Topology,
  nodeIds: readonly NodeId[],
  between = linksAmong(topology, nodeIds),
): string[] {
  const obstacles = new Set<string>()
  for (const obstacle of obstaclesOf(transport, topology, nodeIds, between)) {
    if (obstacles.add(obstacle).size === OBSTACLES_LIMIT) break
  }
  return [...obstacles]
}

/** The links between some nodes, for `transportObstacles`. */
export function linksAmong(topology: Topology, nodeIds: readonly NodeId[]): LinksBetween {
  const among = new Set(nodeIds)
  return linksBetween(topology.links.filter((link) => among.has(link.from) && among.has(link.to)))
}

function* obstaclesOf(transport: Transport, topology: Topology, nodeIds: readonly NodeId[], between: LinksBetween): Generator<string> {
  const name = (nodeId: NodeId): string => nodeName(nodeId, topology.nodes[nodeId])
  const hasAddress = (from: NodeId, to: NodeId): boolean =>
    between(from, to).some((link) => link.kind === 'tcp' && (transport === 'tcp-ring' || link.medium === 'thunderbolt'))
  const hasCable = (from: NodeId, to: NodeId): boolean => between(from, to).some((link) => link.kind === 'rdma')

  if (backendOf(transport) === 'ring') {
    const what = transport === 'thunderbolt-ring' ? 'Thunderbolt address' : 'link'
    for (const [from, to] of pairs(nodeIds)) {
      if (!hasAddress(from, to) || !hasAddress(to, from)) yield `no ${what} between ${name(from)} and ${name(to)}`
    }
    return
  }

  if (nodeIds.length > maxRanks(transport)) {
    yield `a JACCL mesh supports up to ${JACCL_MESH_MAX_RANKS} Macs, and there are ${nodeIds.length}`
    return
  }
  for (const nodeId of nodeIds) {
    const obstacle = rdmaObstacle(nodeId, topology.nodes[nodeId])
    if (obstacle !== null) yield obstacle
  }
  const reasonsBetween = cableReasons(topology, nodeIds)
  for (const reasons of reasonsBetween.values()) yield* reasons
  const isKnown = (from: NodeId, to: NodeId): boolean => reasonsBetween.has(pairKey(from, to))
  if (transport === 'jaccl-ring' && nodeIds.length > 2) {
    for (const nodeId of nodeIds) {
      const joined = nodeIds.filter((other) => isKnown(nodeId, other) || (hasCable(nodeId, other) && hasCable(other, nodeId))).length
      if (joined < 2) yield `${name(nodeId)} has cables to ${joined} other Macs; a ring needs 2`
    }
    return
  }
  for (const [from, to] of pairs(nodeIds)) {
    const [there, back] = [hasCable(from, to), hasCable(to, from)]
    if ((there && back) || isKnown(from, to)) continue
    if (!there && !back) yield `no cable between ${name(from)} and ${name(to)}`
    else yield `the cable between ${name(from)} and ${name(to)} is seen from ${name(there ? from : to)} only`
  }
}

/** The problems of pairs that have a cable but no RDMA link. */
function cableReasons({ cableObstacles = [] }: Topology, nodeIds: readonly NodeId[]): Map<string, readonly string[]> {
  const among = new Set(nodeIds)
  return new Map(
    cableObstacles
      .filter(({ between: [a, b] }) => among.has(a) && among.has(b))
      .map(({ between: [a, b], reasons }) => [pairKey(a, b), reasons]),
  )
}

function pairKey(a: NodeId, b: NodeId): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`
}

function* pairs(nodeIds: readonly NodeId[]): Generator<[NodeId, NodeId]> {
  for (const [index, from] of nodeIds.entries()) {
    for (const to of nodeIds.slice(index + 1)) yield [from, to]
  }
}

/** The first few reasons, with the number of the rest. */
export function joinReasons(reasons: readonly string[], limit = 4): string {
  const shown = reasons.slice(0, limit)
  const rest = reasons.length - shown.length
  if (rest === 0) return shown.join('; ')
  return `${shown.join('; ')}; and ${reasons.length === OBSTACLES_LIMIT ? 'many' : rest} more`
}
