import type { RdmaLink } from '../../shared/topology.ts'
import type { ClusterEvent } from '../../shared/wire/peer/cluster-event.ts'
import { type ClusterState, linksOf } from './cluster-state.ts'
import { nodeCables } from './node-cables.ts'

/** The events that the leader logs when cables change: an RDMA link needs the reports of both ends. */
export function rdmaLinkEvents({ nodes, links }: Pick<ClusterState, 'nodes' | 'links'>): ClusterEvent[] {
  const found = nodeCables(nodes).rdmaLinks
  const known = linksOf({ links }).filter((link) => link.kind === 'rdma')
  const pathOf = ({ from, device, to }: RdmaLink): string => `${from} ${device} ${to}`
  const cableOf = (link: RdmaLink): string => `${pathOf(link)} ${link.peerDevice ?? ''}`
  const [foundPaths, knownCables] = [new Set(found.map(pathOf)), new Set(known.map(cableOf))]
  const lost = known.filter((link) => !foundPaths.has(pathOf(link)))
  const fresh = found.filter((link) => !knownCables.has(cableOf(link)))
  return [
    ...lost.map((link): ClusterEvent => ({ type: 'link-lost', link })),
    ...fresh.map((link): ClusterEvent => ({ type: 'link-observed', link })),
  ]
}
