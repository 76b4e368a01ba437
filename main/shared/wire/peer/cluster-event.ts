import { z } from 'zod'
import { InstanceStatus } from '../../cluster-view.ts'
import { NetworkInterface, ThunderboltBridge, ThunderboltPort } from '../../hardware.ts'
import { InstanceId, ModelId, NodeId } from '../../ids.ts'
import { MachineSpeed } from '../../speed/machine-speed.ts'
import { ModelCard } from '../../models/model-card.ts'
import { Placement, PlacementRequest } from '../../placement.ts'
import { SealRing } from '../../seal-ring.ts'
import { Link, RdmaState } from '../../topology.ts'
import { Epoch, LogIndex, Term } from './election-numbers.ts'
import { peerLine, peerText } from '../../formats/peer-text.ts'

/** Facts of a node that rarely change. Memory samples and throughput are not events: see `HighRateFacts`. */
export const NodeFacts = z.strictObject({
  nodeId: NodeId,
  name: peerLine(256),
  platform: peerLine(64),
  chip: peerLine(256),
  /** As measured by `exo calibrate`; omitted before that. */
  speed: MachineSpeed.optional(),
  osVersion: peerLine(64),
  totalBytes: z.int().min(0),
  /** The memory limit of this node (`--max-memory`); null: its free memory. */
  maxMemoryBytes: z.int().min(0).nullable(),
  /** Its addresses, as listed in `interfaces`. */
  addresses: z.array(z.string().max(256)).max(64),
  interfaces: z.array(NetworkInterface).max(64).default([]),
  apiPort: z.int().min(0).max(65535),
  peerPort: z.int().min(0).max(65535),
  version: peerLine(64),
  rdma: RdmaState,
  thunderboltBridge: z.string().max(64).nullable(),
  /** `Mac Studio`; null if the machine does not report it. */
  model: peerLine(256).nullable().default(null),
  thunderboltPorts: z.array(ThunderboltPort).max(64).default([]),
  bridge: ThunderboltBridge.nullable().default(null),
  /** The ring paths that this node requires to be encrypted. */
  sealRing: SealRing.default('lan'),
  /** Paths on which only small packets arrive; omitted if there are none. */
  narrowPaths: z
    .array(z.strictObject({ to: NodeId, address: z.string().max(256) }))
    .max(64)
    .optional(),
})
export type NodeFacts = z.infer<typeof NodeFacts>

/** `waiting`: for files or ports; `connecting`: joining the group. */
export const ShardStatus = z.enum(['waiting', 'fetching', 'connecting', 'loading', 'ready', 'failed', 'stopped'])
export type ShardStatus = z.infer<typeof ShardStatus>

export const StoredModelStatus = z.enum(['fetching', 'complete', 'failed'])
export type StoredModelStatus = z.infer<typeof StoredModelStatus>

const instance = { instanceId: InstanceId, epoch: Epoch }
const reasons = z.array(peerText(2000)).max(64)

/** The status of a rank, as reported by its node and kept in the log. */
export const shardReportFields = {
  ...instance,
  rank: z.int().min(0),
  status: ShardStatus,
  /** The port on which this rank listens for its group; null: none yet. */
  port: z.int().min(1).max(65535).nullable(),
  residentBytes: z.int().min(0),
  /** The code of the error that ended it. */
  code: z.string().max(128).nullable(),
  message: peerText(4000).nullable(),
}

/** Changes of the cluster's state. The leader orders them; every node folds them with `applyEvent`. */
export const ClusterEvent = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('node-joined'), node: NodeFacts }),
  z.strictObject({ type: z.literal('node-updated'), node: NodeFacts }),
  z.strictObject({ type: z.literal('node-left'), nodeId: NodeId, reason: peerText(2000) }),
  /** A new or newly measured link: replaces the link with the same ends and the same address or device. */
  z.strictObject({ type: z.literal('link-observed'), link: Link }),
  z.strictObject({ type: z.literal('link-lost'), link: Link }),
  z.strictObject({
    type: z.literal('instance-created'),
    ...instance,
    card: ModelCard,
    request: PlacementRequest,
    placement: Placement,
    /** Stays loaded when idle. */
    pinned: z.boolean(),
  }),
  /** The same instance with a new placement: workers of older epochs end. */
  z.strictObject({ type: z.literal('instance-replaced'), ...instance, placement: Placement, attempt: z.int().min(0), reasons }),
  z.strictObject({ type: z.literal('instance-status'), ...instance, status: InstanceStatus, reasons }),
  z.strictObject({ type: z.literal('shard-status'), ...shardReportFields }),
  /** Everything that another leader knew of a live instance, after a partition. */
  z.strictObject({
    type: z.literal('instance-adopted'),
    ...instance,
    card: ModelCard,
    request: PlacementRequest,
    placement: Placement,
    lastEpoch: Epoch,
    pinned: z.boolean(),
    attempt: z.int().min(0),
    status: InstanceStatus,
    reasons,
    /** Index = rank. */
    shards: z.array(
      z.strictObject({
        status: ShardStatus,
        port: z.int().min(1).max(65535).nullable(),
        residentBytes: z.int().min(0),
        code: z.string().max(128).nullable(),
        message: peerText(4000).nullable(),
      }),
    ),
  }),
  z.strictObject({ type: z.literal('instance-deleted'), instanceId: InstanceId, reason: peerText(2000) }),
  /** The files of a model on a node. Progress in between is a high-rate fact. */
  z.strictObject({
    type: z.literal('model-stored'),
    nodeId: NodeId,
    modelId: ModelId,
    status: StoredModelStatus,
    totalBytes: z.int().min(0),
    message: peerText(4000).nullable(),
  }),
  z.strictObject({ type: z.literal('model-removed'), nodeId: NodeId, modelId: ModelId }),
])
export type ClusterEvent = z.infer<typeof ClusterEvent>

/** A position in the log. Terms are unique to a leader, so no two events share a position. */
export const LogPosition = z.strictObject({ term: Term, index: LogIndex })
export type LogPosition = z.infer<typeof LogPosition>

export const LoggedEvent = z.strictObject({ term: Term, index: LogIndex.min(1), event: ClusterEvent })
export type LoggedEvent = z.infer<typeof LoggedEvent>
