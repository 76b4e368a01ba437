import { InstanceId, ModelId, NodeId } from '../../../shared/ids.ts'
import { ModelCard } from '../../../shared/models/model-card.ts'
import { type Placement, PlacementRequest } from '../../../shared/placement.ts'
import type { RdmaLink, TcpLink } from '../../../shared/topology.ts'
import type { ClusterEvent, NodeFacts } from '../../../shared/wire/peer/cluster-event.ts'
import { applyEvent } from '../replication/apply-event.ts'
import { type ClusterState, EMPTY_CLUSTER } from '../cluster-state.ts'

export const GB = 1e9

export function aNode(name: string, changes: Partial<NodeFacts> = {}): NodeFacts {
  return {
    nodeId: NodeId.parse(name),
    name,
    platform: 'darwin',
    chip: 'Apple M4 Max',
    osVersion: '26.2',
    totalBytes: 64 * GB,
    maxMemoryBytes: null,
    addresses: [],
    interfaces: [],
    apiPort: 8080,
    peerPort: 9000,
    version: '0.1.0',
    rdma: 'enabled',
    thunderboltBridge: null,
    model: null,
    thunderboltPorts: [],
    bridge: null,
    sealRing: 'lan',
    ...changes,
  }
}

export function aCard(changes: Partial<ModelCard> = {}): ModelCard {
  return ModelCard.parse({
    modelId: 'org/model',
    family: 'llama',
    layers: 8,
    hiddenSize: 64,
    attentionHeads: 8,
    kvHeads: 4,
    headDim: 8,
    vocabSize: 256,
    weightBytes: 8 * GB,
    contextTokens: 4096,
    strategies: ['pipeline', 'tensor'],
    ...changes,
  })
}

/** A dense model of the size of Llama 3 70B in 4 bits. */
export function aLargeCard(changes: Partial<ModelCard> = {}): ModelCard {
  return aCard({
    layers: 80,
    weightBytes: 40 * GB,
    hiddenSize: 8192,
    vocabSize: 128_000,
    attentionHeads: 64,
    kvHeads: 8,
    headDim: 128,
    quantization: { bits: 4, groupSize: 64 },
    ...changes,
  })
}

export function aRequest(changes: Partial<PlacementRequest> = {}): PlacementRequest {
  return PlacementRequest.parse({ contextTokens: 4096, ...changes })
}

/** A pipeline of one layer per node; the first node has rank 0. */
export function aPlacement(...names: string[]): Placement {
  const stages = names.length
  return {
    strategy: 'pipeline',
    backend: stages === 1 ? 'local' : 'ring',
    jacclRing: false,
    contextTokens: 4096,
    shards: names.map((name, rank) => {
      const stage = stages - 1 - rank
      return { nodeId: NodeId.parse(name), rank, stage, layers: { start: stage, end: stage + 1 }, weightBytes: GB, kvBytes: 1000 }
    }),
    rdmaMatrix: null,
    addressMatrix: names.map(() => names.map(() => null)),
    fallbacks: [],
  }
}

export function tcpLink(from: string, to: string, changes: Partial<TcpLink> = {}): TcpLink {
  return {
    kind: 'tcp',
    from: NodeId.parse(from),
    to: NodeId.parse(to),
    address: `10.0.0.${to}`,
    medium: 'ethernet',
    roundTripMs: 1,
    ...changes,
  }
}

/** Both directions. */
export function ethernet(a: string, b: string, changes: Partial<TcpLink> = {}): TcpLink[] {
  return [tcpLink(a, b, changes), tcpLink(b, a, changes)]
}

/** Both directions of one Thunderbolt cable. */
export function cable(a: string, deviceOnA: string, b: string, deviceOnB: string): RdmaLink[] {
  const link = (from: string, to: string, device: string): RdmaLink => ({
    kind: 'rdma',
    from: NodeId.parse(from),
    to: NodeId.parse(to),
    device,
    roundTripMs: null,
  })
  return [link(a, b, deviceOnA), link(b, a, deviceOnB)]
}

export function created(
  id: string,
  placement: Placement,
  changes: Partial<Extract<ClusterEvent, { type: 'instance-created' }>> = {},
): ClusterEvent {
  return {
    type: 'instance-created',
    instanceId: InstanceId.parse(id),
    epoch: 1,
    card: aCard(),
    request: aRequest(),
    placement,
    pinned: false,
    ...changes,
  }
}

export function joined(...names: string[]): ClusterEvent[] {
  return names.map((name) => ({ type: 'node-joined', node: aNode(name) }))
}

/** All shards of an instance are loaded, and it answers requests. */
export function becameReady(id: string, epoch: number, ranks: number): ClusterEvent[] {
  const instance = { instanceId: InstanceId.parse(id), epoch }
  return [
    ...Array.from(
      { length: ranks },
      (_, rank): ClusterEvent => ({
        type: 'shard-status',
        ...instance,
        rank,
        status: 'ready',
        port: 50000 + rank,
        residentBytes: GB,
        code: null,
        message: null,
      }),
    ),
    { type: 'instance-status', ...instance, status: 'ready', reasons: [] },
  ]
}

export function stored(name: string, modelId = 'org/model'): ClusterEvent {
  return {
    type: 'model-stored',
    nodeId: NodeId.parse(name),
    modelId: ModelId.parse(modelId),
    status: 'complete',
    totalBytes: 8 * GB,
    message: null,
  }
}

export function after(...events: readonly ClusterEvent[]): ClusterState {
  return events.reduce(applyEvent, EMPTY_CLUSTER)
}
