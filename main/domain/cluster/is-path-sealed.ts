import type { NodeId } from '../../shared/ids.ts'
import type { LinkMedium } from '../../shared/topology.ts'
import { isSealed } from '../topology/is-sealed.ts'
import type { ClusterState } from './cluster-state.ts'

/** Whether, according to the state, ring traffic from one node to an address of another is encrypted. */
export function isPathSealed({ nodes, links }: Pick<ClusterState, 'nodes' | 'links'>, from: NodeId, to: NodeId, address: string): boolean {
  const link = links[from]?.find((candidate) => candidate.kind === 'tcp' && candidate.to === to && candidate.address === address)
  const medium: LinkMedium = link?.kind === 'tcp' ? link.medium : 'unknown'
  return isSealed([nodes[from]?.sealRing ?? 'lan', nodes[to]?.sealRing ?? 'lan'], address, medium)
}
