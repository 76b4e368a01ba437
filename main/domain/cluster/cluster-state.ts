import { z } from 'zod'
import { InstanceStatus } from '../../shared/cluster-view.ts'
import { InstanceId, ModelId, NodeId } from '../../shared/ids.ts'
import { ModelCard } from '../../shared/models/model-card.ts'
import { Placement, PlacementRequest } from '../../shared/placement.ts'
import { Link } from '../../shared/topology.ts'
import { NodeFacts, ShardStatus, StoredModelStatus } from '../../shared/wire/peer/cluster-event.ts'

export const ShardState = z.strictObject({
  status: ShardStatus,
  port: z.int().min(1).max(65535).nullable(),
  residentBytes: z.int().min(0),
  code: z.string().nullable(),
  message: z.string().nullable(),
})
export type ShardState = z.infer<typeof ShardState>

export const InstanceState = z.strictObject({
  instanceId: InstanceId,
  card: ModelCard,
  request: PlacementRequest,
  /** Tells the placements of this instance apart: a worker of another one ends. */
  epoch: z.int().min(0),
  /** The highest epoch that any part of the cluster has used for it; the next placement is above. */
  lastEpoch: z.int().min(0),
  placement: Placement,
  pinned: z.boolean(),
  /** Placements in a row that did not become ready. */
  attempt: z.int().min(0),
  status: InstanceStatus,
  reasons: z.array(z.string()),
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
 * The cluster as the leader's events tell it: the same on every node that has applied as many of them. Never changed
 * in place; an event copies what it touches and shares the rest.
 */
export interface ClusterState {
  readonly nodes: Readonly<Record<NodeId, NodeFacts>>
  /** Links by their source node. */
  readonly links: Readonly<Record<NodeId, readonly Link[]>>
  readonly instances: Readonly<Record<InstanceId, InstanceState>>
  /** By node, then by model. */
  readonly storedModels: Readonly<Record<NodeId, Readonly<Record<ModelId, StoredModel>>>>
  /** The last instances that were deleted, oldest first: a node that missed it must not bring one back. */
  readonly deletedInstances: readonly InstanceId[]
}

export const EMPTY_CLUSTER: ClusterState = { nodes: {}, links: {}, instances: {}, storedModels: {}, deletedInstances: [] }

/** All links of the cluster. */
export function linksOf(state: Pick<ClusterState, 'links'>): Link[] {
  return Object.values(state.links).flat()
}

/** A node without any address has not moved: its cable is out, maybe only for a second. Its rings outlive that. */
export function isCutOff({ addresses }: Pick<NodeFacts, 'addresses'>): boolean {
  return !addresses.some((address) => /^\d+\./.test(address) && !address.startsWith('127.'))
}
