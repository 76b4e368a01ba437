import { z } from 'zod'
import { DiskTrouble } from './disk-trouble.ts'
import { AdmissionMode } from './wire/peer/cluster-record.ts'
import { NewcomerView } from './wire/api/membership.ts'
import { DownloadView } from './models/download.ts'
import { MachineSensors } from './hardware.ts'
import { InstanceId, ModelId, NodeId } from './ids.ts'
import { ParallelStrategy } from './models/model-card.ts'
import { Backend, LayerRange } from './shard.ts'
import { LinkMedium } from './topology.ts'

export const NodeView = z.strictObject({
  name: z.string(),
  platform: z.string(),
  chip: z.string(),
  /** `Mac Studio`; null if the machine does not report it. */
  model: z.string().nullable().optional(),
  totalBytes: z.int().min(0),
  availableBytes: z.int().min(0),
  /** Omitted if the machine tells nothing of the kind. */
  sensors: MachineSensors.optional(),
  addresses: z.array(z.string()),
  apiPort: z.int().min(0).max(65535),
  version: z.string(),
  status: z.string(),
})
export type NodeView = z.infer<typeof NodeView>

export const LinkView = z.strictObject({
  from: NodeId,
  to: NodeId,
  kind: z.enum(['tcp', 'rdma']),
  address: z.string().optional(),
  device: z.string().optional(),
  /** For TCP links: the medium. */
  medium: LinkMedium.optional(),
  /** For TCP links: whether traffic between ranks is encrypted. RDMA never is: exo trusts the direct cable. */
  sealed: z.boolean().optional(),
  /** For RDMA links: the speed of the cable; omitted if unknown. */
  gigabitsPerSecond: z.number().min(0).optional(),
  roundTripMs: z.number().min(0).nullable(),
  /** For TCP links, once measured: the throughput from `to` at that address. */
  throughputBytesPerSecond: z.number().min(0).optional(),
})
export type LinkView = z.infer<typeof LinkView>

/** Paths that lose large packets; models are not split over them. */
export const NarrowPathView = z.strictObject({ from: NodeId, to: NodeId, address: z.string() })
export type NarrowPathView = z.infer<typeof NarrowPathView>

export const InstanceStatus = z.enum(['loading', 'ready', 'recovering', 'failed'])
export type InstanceStatus = z.infer<typeof InstanceStatus>

export const ShardView = z.strictObject({
  nodeId: NodeId,
  rank: z.int().min(0),
  stage: z.int().min(0),
  layers: LayerRange,
  weightBytes: z.int().min(0),
  residentBytes: z.int().min(0),
  /** KV cache of running sequences; omitted until its node reports it. */
  kvBytes: z.int().min(0).optional(),
  /** KV cache kept for later requests. */
  prefixCacheBytes: z.int().min(0).optional(),
  /** The share of the weights that has been read, while they are being read. */
  loadedRatio: z.number().min(0).max(1).optional(),
  /** Peak engine memory of this rank, and the bytes that it sent to other ranks; absent until reported. */
  peakBytes: z.int().min(0).optional(),
  sentBytes: z.int().min(0).optional(),
  status: z.string(),
})
export type ShardView = z.infer<typeof ShardView>

/** [i][j]: the RDMA device on rank i that faces rank j; a list if two cables join the pair; null on the diagonal. */
export const RdmaMatrix = z.array(z.array(z.union([z.string(), z.array(z.string())]).nullable()))
export type RdmaMatrix = z.infer<typeof RdmaMatrix>

export const InstanceView = z.strictObject({
  modelId: ModelId,
  strategy: ParallelStrategy,
  backend: Backend,
  epoch: z.int().min(0),
  status: InstanceStatus,
  shards: z.array(ShardView),
  rdmaMatrix: RdmaMatrix.nullable(),
  decodeTokensPerSecond: z.number().min(0).nullable(),
  prefillTokensPerSecond: z.number().min(0).nullable(),
  /** Time from request to first token of the latest request that produced a token; omitted without a recent one. */
  ttftMs: z.number().min(0).optional(),
  /** Number of requests; omitted until rank 0 reports it. */
  running: z.int().min(0).optional(),
  waiting: z.int().min(0).optional(),
  /** Why it failed or fell back to a slower option, for the user. */
  reasons: z.array(z.string()).optional(),
})
export type InstanceView = z.infer<typeof InstanceView>

/** The answer to `GET /state`: the cluster as every node sees it. */
export const ClusterView = z.strictObject({
  nodeId: NodeId,
  clusterName: z.string(),
  leader: z.strictObject({ nodeId: NodeId, term: z.int().min(0) }).nullable(),
  nodes: z.record(NodeId, NodeView),
  links: z.array(LinkView),
  /** Omitted if there are none. */
  narrowPaths: z.array(NarrowPathView).optional(),
  instances: z.record(InstanceId, InstanceView),
  downloads: z.array(DownloadView),
  /** Files that this node could not write and retries; omitted if there are none. */
  diskTroubles: z.array(DiskTrouble).optional(),
  /** Admission, members and machines that want to join; absent in views of earlier versions. */
  admission: z
    .strictObject({
      mode: AdmissionMode,
      members: z.array(z.strictObject({ nodeId: z.string(), name: z.string() })),
      waiting: z.array(NewcomerView),
    })
    .optional(),
})
export type ClusterView = z.infer<typeof ClusterView>
