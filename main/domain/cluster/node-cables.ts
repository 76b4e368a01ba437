import type { NodeId } from '../../shared/ids.ts'
import type { HardwareFacts } from '../../shared/hardware.ts'
import type { CableObstacle, RdmaLink } from '../../shared/topology.ts'
import type { NodeFacts } from '../../shared/wire/peer/cluster-event.ts'
import { cablesWithoutRdma, rdmaLinks } from '../thunderbolt/rdma-links.ts'
import type { ClusterState } from './cluster-state.ts'

/** The cables between nodes. */
export interface NodeCables {
  /** Both directions of each cable. */
  readonly rdmaLinks: readonly RdmaLink[]
  readonly obstacles: readonly CableObstacle[]
}

/** Cached by the nodes of a state, which are immutable: the cables are read many times a second and change rarely. */
const known = new WeakMap<ClusterState['nodes'], NodeCables>()

export function nodeCables(nodes: ClusterState['nodes']): NodeCables {
  const found = known.get(nodes)
  if (found) return found
  const hardware = new Map<NodeId, HardwareFacts>(Object.values<NodeFacts>(nodes).map((node) => [node.nodeId, hardwareOf(node)]))
  const cables = { rdmaLinks: rdmaLinks(hardware), obstacles: cablesWithoutRdma(hardware) }
  known.set(nodes, cables)
  return cables
}

/** A node's machine as reported to the cluster, without free memory. */
export function hardwareOf(node: NodeFacts): HardwareFacts {
  const { name, platform, chip, model, osVersion, totalBytes, interfaces, thunderboltPorts, rdma, bridge } = node
  return {
    name,
    platform,
    chip,
    model,
    osVersion,
    cores: null,
    totalBytes,
    availableBytes: 0,
    interfaces,
    thunderboltPorts,
    rdma,
    bridge,
    missing: [],
  }
}
