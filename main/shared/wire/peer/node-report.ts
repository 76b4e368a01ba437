import { z } from 'zod'
import { DownloadReport } from '../../models/download.ts'
import { MachineSensors } from '../../hardware.ts'
import { InstanceId, ModelId, NodeId } from '../../ids.ts'
import { Link } from '../../topology.ts'
import { NodeFacts, shardReportFields, StoredModelStatus } from './cluster-event.ts'
import { isWithin, peerText } from '../../formats/peer-text.ts'

export const ShardReport = z.strictObject(shardReportFields)
export type ShardReport = z.infer<typeof ShardReport>

export const StoredModelReport = z.strictObject({
  modelId: ModelId,
  status: StoredModelStatus,
  totalBytes: z.int().min(0),
  message: peerText(4000).nullable(),
})
export type StoredModelReport = z.infer<typeof StoredModelReport>

/** More than a node with thousands of models reports. */
export const MOST_REPORT_LETTERS = 2 ** 20

/**
 * All facts of a node about itself, sent to the leader completely on every change, and to each new leader. Lost or
 * repeated reports are harmless, because the leader logs only differences.
 */
export const NodeReport = z
  .strictObject({
    node: NodeFacts,
    /** Paths that start at this node. */
    links: z.array(Link).max(4096),
    shards: z.array(ShardReport).max(1024),
    storedModels: z.array(StoredModelReport).max(4096),
  })
  .refine(isWithin(MOST_REPORT_LETTERS), 'the report is too large')
export type NodeReport = z.infer<typeof NodeReport>

const ShardSample = z.strictObject({
  instanceId: InstanceId,
  rank: z.int().min(0),
  kvBytes: z.int().min(0),
  prefixCacheBytes: z.int().min(0).optional(),
  loadedRatio: z.number().min(0).max(1),
  /** Grows while its worker computes, however slowly: other ranks wait for it. */
  moves: z.int().min(0).optional(),
  /** The peak memory of its engine. */
  peakBytes: z.int().min(0),
  /** Bytes that it has sent to the other ranks. */
  sentBytes: z.int().min(0),
})
export type ShardSample = z.infer<typeof ShardSample>

/** How long a request waited for its first token, by the clock of the node that received it. */
const FirstTokenTime = z.strictObject({ instanceId: InstanceId, ttftMs: z.number().min(0), atEpochMs: z.number() })
export type FirstTokenTime = z.infer<typeof FirstTokenTime>

/** How long a client wants an instance to stay loaded after its last use; `keepMs` null: forever. */
const InstanceKeep = z.strictObject({ instanceId: InstanceId, keepMs: z.number().min(0).nullable(), atEpochMs: z.number() })
export type InstanceKeep = z.infer<typeof InstanceKeep>

/** Facts that change every second; sent to every node, never logged. */
export const NodeSample = z.strictObject({
  nodeId: NodeId,
  /** The sender's clock, which reveals clock differences. */
  epochMs: z.number(),
  availableBytes: z.int().min(0),
  sensors: MachineSensors.optional(),
  rates: z
    .array(
      z.strictObject({
        instanceId: InstanceId,
        decodeTokensPerSecond: z.number().min(0),
        prefillTokensPerSecond: z.number().min(0),
        running: z.int().min(0),
        waiting: z.int().min(0),
        kvBytes: z.int().min(0),
      }),
    )
    .max(1024),
  /** The shards on this node. */
  shards: z.array(ShardSample).max(1024).optional(),
  downloads: z.array(DownloadReport).max(256),
  /** For the requests that this node received, the latest per instance. */
  firstTokens: z.array(FirstTokenTime).max(1024).optional(),
  /** As requested by the clients of this node. */
  keeps: z.array(InstanceKeep).max(1024).optional(),
})
export type NodeSample = z.infer<typeof NodeSample>
