import type { ClusterPort } from '../api/api-dependencies.ts'
import type { ModelStore } from '../models/store/model-store.ts'
import type { ClusterView } from '../shared/cluster-view.ts'
import { InstanceId, type NodeId } from '../shared/ids.ts'
import type { PlacementRequest } from '../shared/placement.ts'
import type { ClusterControl } from './cluster-control.ts'

export interface ClusterPortDependencies {
  readonly nodeId: NodeId
  readonly cluster: ClusterControl
  readonly store: ModelStore
  readonly defaultRequest: PlacementRequest
  readonly view: () => ClusterView
  readonly signal: AbortSignal
}

/** What the HTTP API shows and steers of the cluster. */
export function createClusterPort({ nodeId, cluster, store, defaultRequest, view, signal }: ClusterPortDependencies): ClusterPort {
  return {
    nodeId: () => nodeId,
    state: view,
    instance: (instanceId) => view().instances[InstanceId.parse(instanceId)] ?? null,
    async placeInstance({ modelId, sharding, backend, minNodes }) {
      const { card } = await store.resolve(modelId)
      const request: PlacementRequest = {
        ...defaultRequest,
        strategy: sharding ?? defaultRequest.strategy,
        backend: backend ?? defaultRequest.backend,
        minNodes: minNodes ?? defaultRequest.minNodes,
      }
      const instanceId = await cluster.place(card, request, true, signal)
      return { instanceId, ...view().instances[instanceId] }
    },
    deleteInstance: (instanceId) => cluster.remove(InstanceId.parse(instanceId), 'a client asked for it', signal),
    previews: async () => [],
  }
}
