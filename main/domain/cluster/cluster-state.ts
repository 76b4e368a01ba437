import { z } from 'zod'
import { InstanceStatus } from '../../shared/cluster-view.ts'
import { InstanceId, ModelId, NodeId } from '../../shared/ids.ts'
import { ModelCard } from '../../shared/models/model-card.ts'
import { Placement, PlacementRequest } from '../../shared/placement.ts'
import { isIpv6 } from '../../shared/addresses/ring-address.ts'
import { Link } from '../../shared/topology.ts'
import { NodeFacts, ShardStatus, StoredModelStatus } from '../../shared/wire/peer/cluster-event.ts'
import { peerText } from '../../shared/formats/peer-text.ts'

export const ShardState = z.strictObject({
  status: ShardStatus,
  port: z.int().min(1).max(65535).nullable(),
  residentBytes: z.int().min(0),
  code: z.string().nullable(),
  message: peerText(4000).nullable(),
})
export type ShardState = z.infer<typeof ShardState>

export const InstanceState = z.strictObject({
  instanceId: InstanceId,
  card: ModelCard,
  request: PlacementRequest,
  /** Identifies the placement: workers of any other epoch end. */
  epoch: z.int().min(0),
  /** The highest epoch that any part of the cluster has used for the instance. The next placement gets a higher one. */
  lastEpoch: z.int().min(0),
  placement: Placement,
  pinned: z.boolean(),
  /** Placements in a row that did not become ready. */
  attempt: z.int().min(0),
  status: InstanceStatus,
  reasons: z.array(peerText(2000)).max(64),
  /** Index = rank. */
  shards: z.array(ShardState),
})
export type InstanceState = z.infer<typeof InstanceState>

export const StoredModel = z.strictObject({ status: StoredModelStatus, totalBytes: z.int().min(0), message: z.string().nullable() })
export type StoredModel = z.infer<typeof StoredModel>

/** A `ClusterState` on the wire. */
export const ClusterStateSchema = z.strictObject({
  nodes: z.record(NodeId, NodeFacts),
  links: z.record(NodeId, z.array(Link)),
  instances: z.record(InstanceId, InstanceState),
  storedModels: z.record(NodeId, z.record(ModelId, StoredModel)),
  deletedInstances: z.array(InstanceId),
})

/**
 * The state of the cluster according to the leader's events. It is the same on all nodes that have applied the same
 * number of events. It is never modified: an event copies the parts that it changes and shares the rest.
 */
export interface ClusterState {
  readonly nodes: Readonly<Record<NodeId, NodeFacts>>
  /** Links by their source node. */
  readonly links: Readonly<Record<NodeId, readonly Link[]>>
  readonly instances: Readonly<Record<InstanceId, InstanceState>>
  /** By node, then by model. */
  readonly storedModels: Readonly<Record<NodeId, Readonly<Record<ModelId, StoredModel>>>>
  /** The most recently deleted instances, oldest first: a node that missed a deletion must not bring the instance back. */
  readonly deletedInstances: readonly InstanceId[]
}

export const EMPTY_CLUSTER: ClusterState = { nodes: {}, links: {}, instances: {}, storedModels: {}, deletedInstances: [] }

/** All links of the cluster. */
export function linksOf(state: Pick<ClusterState, 'links'>): Link[] {
  return Object.values(state.links).flat()
}

/**
 * Whether a node has lost this address without getting another one of its kind. It has not moved then: its cable is unplugged, perhaps
 * only for a second. Its rings survive that.
 */
export function isCutOff({ addresses }: Pick<NodeFacts, 'addresses'>, lostAddress: string): boolean {
  const kind = kindOf(lostAddress)
  return !addresses.some((address) => kindOf(address) === kind && !LOOPBACK_PATTERN.test(address))
}

const LOOPBACK_PATTERN = /^(127\.|::1$)/

function kindOf(address: string): 'ipv4' | 'ipv6' | 'link-local' {
  if (!isIpv6(address)) return 'ipv4'
  return /^fe80:/i.test(address) ? 'link-local' : 'ipv6'
}
