import type { NodeId } from '../../shared/ids.ts'
import type { Topology } from '../../shared/topology.ts'

/** The part of a topology that concerns only some of its nodes. */
export function restrictTopology(topology: Topology, nodeIds: readonly NodeId[]): Topology {
  const kept: ReadonlySet<NodeId> = new Set(nodeIds)
  const nodes = Object.fromEntries(Object.entries(topology.nodes).filter(([nodeId]) => kept.has(nodeId as NodeId))) as Topology['nodes']
  return {
    ...topology,
    nodes,
    links: topology.links.filter(({ from, to }) => kept.has(from) && kept.has(to)),
    ...(topology.cableObstacles
      ? { cableObstacles: topology.cableObstacles.filter(({ between }) => between.every((nodeId) => kept.has(nodeId))) }
      : {}),
  }
}
