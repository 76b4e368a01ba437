import type { InstanceId, NodeId } from '../../shared/ids.ts'
import type { Topology, TopologyNode } from '../../shared/topology.ts'
import { type ClusterState, type InstanceState, linksOf } from '../cluster/cluster-state.ts'
import { nodeCables } from '../cluster/node-cables.ts'
import { draftBytes } from './draft-size.ts'
import { workerBytes } from './worker-bytes.ts'

/**
 * The cluster as placement sees it: the free memory of each node once all instances are loaded.
 *
 * @param availableBytes - the latest sample of each node; memory that its shards have yet to load is subtracted
 * @param leaving - instances that are placed again or make way: the memory of their shards counts as free
 */
export function clusterTopology(
  state: ClusterState,
  availableBytes: Readonly<Record<NodeId, number>>,
  leaving: readonly InstanceId[] = [],
): Topology {
  const instances = Object.values<InstanceState>(state.instances)
  const nodes: Record<NodeId, TopologyNode> = {}
  for (const node of Object.values(state.nodes)) {
    let freeBytes = availableBytes[node.nodeId] ?? 0
    let reservedBytes = 0
    for (const { instanceId, card, request, placement, shards, status } of instances) {
      if (status === 'failed') continue
      for (const shard of placement.shards) {
        if (shard.nodeId !== node.nodeId) continue
        const residentBytes = shards[shard.rank]?.residentBytes ?? 0
        const wholeBytes = shard.weightBytes + shard.kvBytes + (shard.rank === 0 ? draftBytes(request, placement.contextTokens) : 0)
        if (leaving.includes(instanceId)) freeBytes += residentBytes
        else {
          freeBytes -= Math.max(0, wholeBytes - residentBytes)
          reservedBytes += Math.max(wholeBytes, residentBytes) + workerBytes(card)
        }
      }
    }
    const isCapped = node.maxMemoryBytes !== null
    const leftBytes = node.maxMemoryBytes === null ? freeBytes : Math.min(freeBytes, node.maxMemoryBytes - reservedBytes)
    const { nodeId, name, platform, chip, speed, osVersion, totalBytes, rdma } = node
    // A bridge blocks only its own ports, which already shows in the RDMA links and in the cables without one.
    nodes[nodeId] = {
      name,
      platform,
      chip,
      ...(speed && { speed }),
      osVersion,
      totalBytes,
      rdma,
      thunderboltBridge: null,
      availableBytes: Math.max(0, leftBytes),
      ...(isCapped && { isCapped }),
      storedModels: storedRatios(state, nodeId),
    }
  }
  return { nodes, links: linksOf(state), cableObstacles: [...nodeCables(state.nodes).obstacles] }
}

function storedRatios(state: ClusterState, nodeId: NodeId): Record<string, number> {
  const models = Object.entries(state.storedModels[nodeId] ?? {})
  return Object.fromEntries(models.filter(([, { status }]) => status === 'complete').map(([modelId]) => [modelId, 1]))
}
