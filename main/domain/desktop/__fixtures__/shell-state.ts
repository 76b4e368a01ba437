import type { ClusterView, InstanceView, NodeView } from '../../../shared/cluster-view.ts'
import { InstanceId, ModelId, NodeId } from '../../../shared/ids.ts'
import { firstShellSettings, type ShellState } from '../../../shared/wire/shell/shell.ts'

/** @param name - also the node's id */
export function nodeView(name: string, changes: Partial<NodeView> = {}): [NodeId, NodeView] {
  const view: NodeView = {
    name,
    platform: 'darwin',
    chip: 'Apple M4 Max',
    totalBytes: 64 * 2 ** 30,
    availableBytes: 48 * 2 ** 30,
    addresses: [],
    apiPort: 8080,
    version: '0.1.0',
    status: 'alive',
    ...changes,
  }
  return [NodeId.parse(name), view]
}

export function instanceView(modelId: string, changes: Partial<InstanceView> = {}): [InstanceId, InstanceView] {
  const view: InstanceView = {
    modelId: ModelId.parse(modelId),
    strategy: 'pipeline',
    backend: 'ring',
    epoch: 1,
    status: 'ready',
    shards: [],
    rdmaMatrix: null,
    decodeTokensPerSecond: null,
    prefillTokensPerSecond: null,
    ...changes,
  }
  return [InstanceId.parse(`instance of ${modelId}`), view]
}

export function clusterView(nodes: readonly [NodeId, NodeView][], instances: readonly [InstanceId, InstanceView][] = []): ClusterView {
  const [first] = nodes
  const nodeId = first?.[0] ?? NodeId.parse('none')
  return {
    nodeId,
    clusterName: 'desk',
    leader: { nodeId, term: 1 },
    nodes: Object.fromEntries(nodes),
    links: [],
    instances: Object.fromEntries(instances),
    downloads: [],
  }
}

/** A shell with a running node. */
export function shellState(changes: Partial<ShellState> = {}): ShellState {
  return {
    version: '0.1.0',
    node: { kind: 'running', apiUrl: 'http://127.0.0.1:8080', processId: 1, isOurs: true },
    progress: null,
    view: clusterView([nodeView('studio')]),
    membership: null,
    settings: firstShellSettings,
    update: { kind: 'off', reason: 'This build has no update feed.' },
    commandPath: null,
    ...changes,
  }
}
