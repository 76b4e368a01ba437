import type { ClusterView, InstanceStatus, InstanceView, LinkView, NodeView } from '../../main/shared/cluster-view.ts'
import type { ClusterStoreState } from './cluster-store.ts'

type Selector<T> = (state: ClusterStoreState) => T

/** Made once: `localeCompare` with options makes one for each comparison. */
const byText = new Intl.Collator('en', { numeric: true }).compare

/** This machine first, then by name, because patches change the order within the state. */
export const selectNodeIds: Selector<string[]> = ({ view }) =>
  view === null
    ? []
    : Object.entries(view.nodes)
        .sort(
          ([firstId, first], [secondId, second]) =>
            Number(secondId === view.nodeId) - Number(firstId === view.nodeId) ||
            byText(first.name, second.name) ||
            byText(firstId, secondId),
        )
        .map(([nodeId]) => nodeId)

export const selectNode =
  (nodeId: string): Selector<NodeView | undefined> =>
  ({ view }) =>
    nodesOf(view)[nodeId]

export const selectInstanceIds: Selector<string[]> = ({ view }) =>
  Object.entries(instancesOf(view))
    .sort(([firstId, first], [secondId, second]) => byText(first.modelId, second.modelId) || byText(firstId, secondId))
    .map(([instanceId]) => instanceId)

export const selectInstance =
  (instanceId: string): Selector<InstanceView | undefined> =>
  ({ view }) =>
    instancesOf(view)[instanceId]

const NO_LINKS: readonly LinkView[] = []
export const selectLinks: Selector<readonly LinkView[]> = ({ view }) => view?.links ?? NO_LINKS
export const selectLeaderId: Selector<string | null> = ({ view }) => view?.leader?.nodeId ?? null
export const selectOwnNodeId: Selector<string | null> = ({ view }) => view?.nodeId ?? null

/** A key that changes when any model is loaded or unloaded. */
export const selectLoadedModels: Selector<string> = ({ view }) =>
  Object.values(instancesOf(view))
    .map(({ modelId, status }) => `${modelId} ${status}`)
    .sort()
    .join('\n')

export type ModelState = InstanceStatus | 'downloading'

/** The state of each model that is loaded or on its way; the best one where it has several. */
export function selectModelStates({ view }: ClusterStoreState): Record<string, ModelState> {
  const order: readonly ModelState[] = ['downloading', 'failed', 'recovering', 'loading', 'ready']
  const states: Record<string, ModelState> = {}
  for (const { modelId, status } of view?.downloads ?? []) if (status === 'running') states[modelId] = 'downloading'
  for (const { modelId, status } of Object.values(instancesOf(view)))
    if (order.indexOf(status) > order.indexOf(states[modelId] ?? 'downloading')) states[modelId] = status
  return states
}

/** The number of machines on which a model is ready; 0: it is not. */
export const selectMachinesOf =
  (modelId: string | null): Selector<number> =>
  ({ view }) => {
    const ready = Object.values(instancesOf(view)).find((instance) => instance.modelId === modelId && instance.status === 'ready')
    return new Set(ready?.shards.map(({ nodeId }) => nodeId)).size
  }

/** Memory of all machines together. */
export const selectClusterMemory: Selector<{ readonly freeBytes: number; readonly totalBytes: number }> = ({ view }) => {
  const nodes = Object.values(nodesOf(view))
  return {
    freeBytes: nodes.reduce((sum, { availableBytes }) => sum + availableBytes, 0),
    totalBytes: nodes.reduce((sum, { totalBytes }) => sum + totalBytes, 0),
  }
}

/** The power of some machines together; null: one of them does not tell it. */
export const wattsOf = (view: ClusterView | null, nodeIds: readonly string[]): number | null =>
  [...new Set(nodeIds)].reduce<number | null>((sum, nodeId) => {
    const watts = nodesOf(view)[nodeId]?.sensors?.watts
    return sum === null || watts === undefined ? null : sum + watts
  }, 0)

/** Bytes of weights that instances hold on a node. */
export const weightBytesOn = (view: ClusterView | null, nodeId: string): number =>
  shardsOn(view, nodeId).reduce((sum, shard) => sum + shard.residentBytes, 0)

/** Bytes of KV cache that instances currently use on a node. */
export const kvBytesOn = (view: ClusterView | null, nodeId: string): number =>
  shardsOn(view, nodeId).reduce((sum, shard) => sum + (shard.kvBytes ?? 0), 0)

export const selectWeightBytesOn =
  (nodeId: string): Selector<number> =>
  ({ view }) =>
    weightBytesOn(view, nodeId)

export const selectKvBytesOn =
  (nodeId: string): Selector<number> =>
  ({ view }) =>
    kvBytesOn(view, nodeId)

// Ids are branded where they are created. Here they are keys of the same state.
const NONE = {}
const nodesOf = (view: ClusterView | null): Readonly<Record<string, NodeView>> => view?.nodes ?? NONE
const instancesOf = (view: ClusterView | null): Readonly<Record<string, InstanceView>> => view?.instances ?? NONE

const shardsOn = (view: ClusterView | null, nodeId: string): InstanceView['shards'] =>
  Object.values(instancesOf(view))
    .flatMap(({ shards }) => shards)
    .filter((shard) => shard.nodeId === nodeId)
