import { z } from 'zod'
import { InstanceId, ModelId } from '../../ids.ts'
import { LogPage, LogQuery } from './log-lines.ts'
import { DownloadReport, HubRevision } from '../../models/download.ts'
import { ModelCard } from '../../models/model-card.ts'
import { RankStep } from '../../rank-steps.ts'
import { Link } from '../../topology.ts'
import { MAX_CHUNK_BYTES } from './frame-limits.ts'
import { GenerationStreamCancel, GenerationStreamHeader, GenerationStreamPart } from './generation-stream.ts'
import { LeaderAnswer, LeaderCommand } from './leader-command.ts'
import { ModelFileEnd, ModelFileList, ModelFileRequest, PartHoldings } from './model-file-request.ts'
import { RelayStreamHeader } from './peer-message.ts'

/** The schemas of one kind of stream, for both ends. */
export interface PeerStream {
  /** The header that opens the stream. */
  readonly request: z.ZodType
  /** The schema of the answer; null: that of the relayed stream. */
  readonly answer: z.ZodType | null
  /** The schema of later messages of the opener; null: none. */
  readonly more: z.ZodType | null
  readonly limit: {
    /** How long the opener waits for the answer; null: as long as its own caller does. */
    readonly waitMs: number | null
    /** Maximum size of one answer as JSON. */
    readonly bytes: number
  }
  /** For docs/protocol.md. */
  readonly means: string
}

const Key = z.string().regex(/^[0-9a-f]{64}$/)
const MIB = 1024 * 1024

const GENERATION = {
  request: GenerationStreamHeader,
  answer: GenerationStreamPart,
  more: GenerationStreamCancel,
  // The logprobs of a long prompt, 20 per token.
  limit: { waitMs: null, bytes: 256 * MIB },
} as const

/** The most steps that fit in one chunk. */
export const MOST_RANK_STEPS = 1_024

/**
 * Every kind of stream between nodes. A new kind needs a row here: both ends take its schemas and limits from it, and
 * `node setup/generate/write-protocol-docs.mjs` updates docs/protocol.md.
 */
export const PEER_STREAMS = {
  'leader-command': {
    request: LeaderCommand,
    answer: LeaderAnswer,
    more: null,
    limit: { waitMs: null, bytes: MAX_CHUNK_BYTES },
    means: 'Any node asks the leader to place or delete an instance. The answer is sent once the leader has logged the change.',
  },
  generation: {
    ...GENERATION,
    means:
      "The client's node requests an answer from rank 0's node. Parts follow until `generation-end`, each " +
      'after its length in four bytes, big-endian. The opener may cancel.',
  },
  'ruled-generation': {
    ...GENERATION,
    means:
      'Since version 5: a `generation` with fields that version 4 would ignore, and so answer wrongly. ' +
      'Older nodes refuse it, and the error asks to update them.',
  },
  relay: {
    request: RelayStreamHeader,
    answer: null,
    more: null,
    limit: { waitMs: null, bytes: MAX_CHUNK_BYTES },
    means: 'A stream to a node to which the opener has no link. The node in between opens the next hop and forwards every chunk.',
  },
  'model-files': {
    request: ModelFileRequest,
    answer: z.union([ModelFileList, PartHoldings, ModelFileEnd]),
    more: null,
    limit: { waitMs: null, bytes: 16 * MIB },
    means:
      'A node copies a model. `list` and `holdings` are answered with JSON, `file` and `range` with the ' +
      'bytes in chunks, followed by their checksum.',
  },
  'model-card': {
    request: z.strictObject({ name: z.string().min(1).max(1024) }),
    answer: ModelCard,
    more: null,
    limit: { waitMs: 5_000, bytes: MAX_CHUNK_BYTES },
    means: "A node asks all others for a model by its client's name for it.",
  },
  'rank-steps': {
    request: z.strictObject({ instanceId: InstanceId, sinceEpochMs: z.number(), untilEpochMs: z.number() }),
    answer: z.array(RankStep).max(MOST_RANK_STEPS),
    more: null,
    limit: { waitMs: 5_000, bytes: MAX_CHUNK_BYTES },
    means: "A node collects the times of a rank's steps for a trace, by the answering machine's clock.",
  },
  download: {
    request: z.strictObject({ act: z.enum(['find', 'pause', 'resume', 'cancel']), id: z.string().max(64) }),
    answer: DownloadReport,
    more: null,
    limit: { waitMs: 10_000, bytes: MAX_CHUNK_BYTES },
    means: 'A node shows or controls a download on another node.',
  },
  'start-download': {
    request: z.strictObject({ model: z.string().min(1).max(1024), revision: HubRevision }),
    answer: z.strictObject({ modelId: ModelId, download: DownloadReport.nullable() }),
    more: null,
    // The node asks the hub first.
    limit: { waitMs: 60_000, bytes: MAX_CHUNK_BYTES },
    means: 'A node makes another node download a model of the hub. `download` is null if it has the model already.',
  },
  logs: {
    request: LogQuery,
    answer: LogPage,
    more: null,
    limit: { waitMs: 10_000, bytes: MAX_CHUNK_BYTES },
    means: "A node shows the newest lines of another node's log, which it keeps in memory without secrets.",
  },
  'measure-links': {
    request: z.null(),
    answer: z.strictObject({ links: z.array(Link).max(4096) }),
    more: null,
    // Each address takes up to a second.
    limit: { waitMs: 20_000, bytes: MAX_CHUNK_BYTES },
    means: 'A node makes another node measure the throughput of its links.',
  },
  'group-keys': {
    request: z.strictObject({ instanceId: InstanceId, epoch: z.int().min(0), rank: z.int().min(0).max(4096) }),
    answer: z.strictObject({ before: Key, after: Key }),
    more: null,
    limit: { waitMs: 5_000, bytes: MAX_CHUNK_BYTES },
    means: "A rank's node requests the keys of its two ring connections from rank 0's node, which answers only the node of that rank.",
  },
} as const satisfies Readonly<Record<string, PeerStream>>

export type PeerStreamKind = keyof typeof PEER_STREAMS
export type PeerRequest<Kind extends PeerStreamKind> = z.infer<(typeof PEER_STREAMS)[Kind]['request']>
/** Kinds with a single answer that fits in one chunk. */
export type AskedKind = Exclude<PeerStreamKind, 'generation' | 'relay' | 'model-files'>
export type PeerAnswer<Kind extends AskedKind> = z.infer<(typeof PEER_STREAMS)[Kind]['answer']>
