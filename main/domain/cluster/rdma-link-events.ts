import type { HardwareFacts } from '../../shared/hardware.ts'
import type { ClusterEvent, NodeFacts } from '../../shared/wire/cluster-event.ts'
import { rdmaLinks } from '../thunderbolt/rdma-links.ts'
import { isSamePath } from './apply-event.ts'
import { type ClusterState, linksOf } from './cluster-state.ts'

/** What the leader logs when cables come and go: an RDMA link takes what both of its ends say. */
export function rdmaLinkEvents(state: ClusterState): ClusterEvent[] {
  const found = rdmaLinks(new Map(Object.values<NodeFacts>(state.nodes).map((node) => [node.nodeId, hardwareOf(node)])))
  const known = linksOf(state).filter(({ kind }) => kind === 'rdma')
  const lost = known.filter((link) => !found.some((candidate) => isSamePath(candidate, link)))
  const fresh = found.filter((link) => !known.some((candidate) => isSamePath(candidate, link)))
  return [...lost.map((link): ClusterEvent => ({ type: 'link-lost', link })), ...fresh.map((link): ClusterEvent => ({ type: 'link-observed', link }))]
}

/** A node's machine as it told the cluster; free memory is no part of that. */
export function hardwareOf(node: NodeFacts): HardwareFacts {
  const { name, platform, chip, model, osVersion, totalBytes, interfaces, thunderboltPorts, rdma, bridge } = node
  return { name, platform, chip, model, osVersion, cores: null, totalBytes, availableBytes: 0, interfaces, thunderboltPorts, rdma, bridge, missing: [] }
}
