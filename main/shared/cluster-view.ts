import { z } from 'zod'
import { DiskTrouble } from './disk-trouble.ts'
import { AdmissionMode } from './wire/peer/cluster-record.ts'
import { NewcomerView } from './wire/api/membership.ts'
import { DownloadView } from './models/download.ts'
import { InstanceId, ModelId, NodeId } from './ids.ts'
import { ParallelStrategy } from './models/model-card.ts'
import { Backend, LayerRange } from './shard.ts'
import { LinkMedium } from './topology.ts'

export const NodeView = z.strictObject({
  name: z.string(),
  platform: z.string(),
  chip: z.string(),
  /** `Mac Studio`; null where the machine does not say. */
  model: z.string().nullable().optional(),
  totalBytes: z.int().min(0),
  availableBytes: z.int().min(0),
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
  /** Of a TCP link: what carries it. */
  medium: LinkMedium.optional(),
  /** Of a TCP link: what the ranks of a model send over it is encrypted. RDMA never is: it is trusted by its cable. */
  sealed: z.boolean().optional(),
  /** Of an RDMA link: its cable's; left out where the machine does not say. */
  gigabitsPerSecond: z.number().min(0).optional(),
  roundTripMs: z.number().min(0).nullable(),
  /** Of a TCP link, where somebody had it measured: what `to` sends at that address. */
  throughputBytesPerSecond: z.number().min(0).optional(),
})
export type LinkView = z.infer<typeof LinkView>

/** Where small packets pass and large ones are lost, so that no model is placed over it. */
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
  /** KV cache of what runs now; left out where its node has not told. */
  kvBytes: z.int().min(0).optional(),
  /** What is kept of it for later requests. */
  prefixCacheBytes: z.int().min(0).optional(),
  /** How much of the weights is read, while they are. */
  loadedRatio: z.number().min(0).max(1).optional(),
  /** The most memory that the engine of this rank has used, and what it has given to other ranks; absent: it has not told. */
  peakBytes: z.int().min(0).optional(),
  sentBytes: z.int().min(0).optional(),
  status: z.string(),
})
export type ShardView = z.infer<typeof ShardView>

/** [i][j]: the RDMA device on rank i that faces rank j; a list where two cables join the pair; null on the diagonal. */
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
  /** From the request to the first token, of the last one that got any; left out where none did of late. */
  ttftMs: z.number().min(0).optional(),
  /** Requests; left out where rank 0 has not told. */
  running: z.int().min(0).optional(),
  waiting: z.int().min(0).optional(),
  /** Why it failed or what it fell back from, for people. */
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
  /** Left out where there are none. */
  narrowPaths: z.array(NarrowPathView).optional(),
  instances: z.record(InstanceId, InstanceView),
  downloads: z.array(DownloadView),
  /** What this node could not write and tries again; left out where there is nothing. */
  diskTroubles: z.array(DiskTrouble).optional(),
  /** Who gets in, who is in, and who is not and says that it wants to; absent in the view of an earlier version. */
  admission: z
    .strictObject({
      mode: AdmissionMode,
      members: z.array(z.strictObject({ nodeId: z.string(), name: z.string() })),
      waiting: z.array(NewcomerView),
    })
    .optional(),
})
export type ClusterView = z.infer<typeof ClusterView>
