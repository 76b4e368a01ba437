import { toClusterView } from '../../domain/cluster/cluster-view.ts'
import type { ClusterView } from '../../shared/cluster-view.ts'
import type { NodeId } from '../../shared/ids.ts'
import { admissionOf, type ClusterChoice } from '../../domain/admission/cluster-choice.ts'
import { highRateFacts } from '../../domain/cluster/high-rate-facts.ts'
import type { JoinedCluster } from './join-cluster.ts'

/** The cluster as this node shows it in `GET /state`. */
export function viewOfNode(
  { service, availableBytes, admission }: JoinedCluster,
  nodeId: NodeId,
  choice: ClusterChoice,
  disk: Pick<ClusterView, 'diskTroubles'>,
): ClusterView {
  const closed = admission?.view()
  const viewed = toClusterView(
    service.state(),
    { nodeId, clusterName: choice.clusterName, leader: service.leader() },
    highRateFacts(service.samples().values(), availableBytes()),
  )
  return {
    ...viewed,
    admission: {
      mode: admissionOf(choice),
      members: closed?.members.map(({ nodeId: memberId, name }) => ({ nodeId: memberId, name })) ?? [],
      waiting: closed?.waiting ?? [],
    },
    ...disk,
  }
}
