import { z } from 'zod'
import { GenerationSpec } from '../generation.ts'
import { GenerationId, InstanceId, ModelId, NodeId } from '../ids.ts'
import { ClusterEvent, LoggedEvent, LogPosition, NodeFacts } from './cluster-event.ts'
import { WorkerEvent } from './worker-event.ts'

/** Largest text message between nodes; a snapshot of a large cluster is the largest. */
export const PEER_MESSAGE_LIMIT_BYTES = 16 * 1024 * 1024

/** Largest binary frame: a piece of a file. */
export const PEER_FRAME_LIMIT_BYTES = 1024 * 1024 + 64

/** Two nodes talk only when their numbers are equal. */
export const PEER_PROTOCOL = 1

const Term = z.int().min(0)
const Text = z.string().max(4000)

/** That a node leads, as it tells at each beat and as others pass it on. */
export const LeaderClaim = z.strictObject({
  leaderId: NodeId,
  /** Unique to this leader: see main/domain/election. */
  term: Term,
  /** Counts ticks of its reign: two tellings of a claim are ordered by it. */
  beat: z.int().min(0),
  /** Nodes that followed it directly at this beat. */
  followers: z.int().min(0),
  /** Ticks since the leader said so. */
  ageTicks: z.int().min(0),
})
export type LeaderClaim = z.infer<typeof LeaderClaim>

export const ElectionMessage = z.strictObject({
  type: z.literal('election'),
  /** Whom the sender follows; null: nobody yet. */
  claim: LeaderClaim.nullable(),
  /** Another living claim that the sender has heard of. */
  rival: LeaderClaim.nullable(),
  /** Nodes that the claim passed on its way here: 0 at the leader itself; null without a claim. */
  hops: z.int().min(0).nullable(),
  /** The highest round that the sender has seen: the next claim is above it. */
  round: z.int().min(0),
  /** The sender has not heard its leader for a while: answer at once. */
  isAsking: z.boolean(),
})
export type ElectionMessage = z.infer<typeof ElectionMessage>

/** Where a node accepts peers. */
export const PeerAddress = z.strictObject({ nodeId: NodeId, host: z.string().min(1).max(256), port: z.int().min(1).max(65535) })
export type PeerAddress = z.infer<typeof PeerAddress>

/** First message in both directions. */
const Hello = z.strictObject({
  type: z.literal('hello'),
  protocol: z.int(),
  clusterName: z.string().max(64),
  nodeId: NodeId,
  name: z.string().max(256),
  version: z.string().max(64),
  apiPort: z.int().min(0).max(65535),
  peerPort: z.int().min(0).max(65535),
  /** Whether this side asks for proof of the cluster key. */
  hasClusterKey: z.boolean(),
})

/** HMAC under the cluster key over this TLS session's exported keying material and the sender's side. */
const KeyProof = z.strictObject({ type: z.literal('key-proof'), proof: z.string().regex(/^[0-9a-f]{64}$/) })
const Refused = z.strictObject({ type: z.literal('refused'), code: z.string().max(64), message: Text })

const Ping = z.strictObject({ type: z.literal('ping'), id: z.int().min(0) })
const Pong = z.strictObject({ type: z.literal('pong'), id: z.int().min(0) })
/** What a node knows of others, so that peers' peers are found. */
const Peers = z.strictObject({ type: z.literal('peers'), peers: z.array(PeerAddress).max(4096) })

const ClusterEvents = z.strictObject({
  type: z.literal('cluster-events'),
  term: Term,
  leaderId: NodeId,
  base: LogPosition,
  headIndex: z.int().min(0),
  events: z.array(LoggedEvent).max(1024),
})
const EventsRequest = z.strictObject({ type: z.literal('events-request'), term: Term, afterIndex: z.int().min(0).nullable() })
/** The state is parsed where it is restored (`restoreSnapshot`). */
const ClusterSnapshot = z.strictObject({ type: z.literal('cluster-snapshot'), term: Term, leaderId: NodeId, snapshot: z.unknown() })
/** To a new leader, from a node that had followed another: what it knew (`Snapshot`). */
const StateOffer = z.strictObject({ type: z.literal('state-offer'), term: Term, snapshot: z.unknown() })

/** A node's own facts for the leader to order. Sent anew to a new leader. */
const Observation = z.strictObject({ type: z.literal('observation'), term: Term, events: z.array(ClusterEvent).max(1024) })

/** From each node to all, about once a second; never logged. Only the newest counts. */
export const HighRateReport = z.strictObject({
  type: z.literal('high-rate-report'),
  availableBytes: z.int().min(0),
  rates: z.array(z.strictObject({ instanceId: InstanceId, decodeTokensPerSecond: z.number().min(0), prefillTokensPerSecond: z.number().min(0) })).max(256),
  downloads: z
    .array(z.strictObject({ modelId: ModelId, doneBytes: z.int().min(0), totalBytes: z.int().min(0), bytesPerSecond: z.number().min(0), source: z.string().max(1024) }))
    .max(64),
})
export type HighRateReport = z.infer<typeof HighRateReport>

const requestId = z.string().min(1).max(128)
/** From any node to the leader; exactly one result comes back. */
const LeaderCommand = z.strictObject({
  type: z.literal('leader-command'),
  requestId,
  command: z.discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('place-instance'),
      /** Id, alias or folder, as the client named it. */
      model: z.string().min(1).max(1024),
      /** null: the best that fits. */
      strategy: z.enum(['pipeline', 'tensor']).nullable(),
      backend: z.enum(['jaccl', 'ring']).nullable(),
      minNodes: z.int().min(1).nullable(),
      contextTokens: z.int().min(1).nullable(),
      pinned: z.boolean(),
    }),
    z.strictObject({ type: z.literal('delete-instance'), instanceId: InstanceId }),
  ]),
})
const LeaderResult = z.strictObject({
  type: z.literal('leader-result'),
  requestId,
  result: z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('done'), instanceId: InstanceId }),
    z.strictObject({ type: z.literal('failed'), code: z.string().max(128), message: Text, details: z.record(z.string(), z.unknown()) }),
  ]),
})

/** From the node that has the client to the node of rank 0, and back. */
const generation = { instanceId: InstanceId, epoch: z.int().min(0) }
const GenerationStart = z.strictObject({ type: z.literal('generation-start'), ...generation, spec: GenerationSpec })
const GenerationCancel = z.strictObject({ type: z.literal('generation-cancel'), ...generation, generationId: GenerationId })
const GenerationEvents = z.strictObject({ type: z.literal('generation-events'), ...generation, events: z.array(WorkerEvent).max(256) })

/** Rank 0's node to the other ranks' nodes: their workers join the step loop. */
const StepsBegin = z.strictObject({ type: z.literal('steps-begin'), ...generation })

/** Files of a model, from a node that has them. */
const FileListRequest = z.strictObject({ type: z.literal('file-list-request'), requestId, modelId: ModelId })
const FileList = z.strictObject({
  type: z.literal('file-list'),
  requestId,
  /** null: not here. */
  files: z.array(z.strictObject({ path: z.string().min(1).max(1024), sizeBytes: z.int().min(0), sha256: z.string().regex(/^[0-9a-f]{64}$/) })).max(4096).nullable(),
})
/** Half-open. Its bytes come as binary frames: u32 transfer number, u64 offset (big-endian), then the bytes. */
const FileRangeRequest = z.strictObject({
  type: z.literal('file-range-request'),
  transfer: z.int().min(0).max(0xffffffff),
  modelId: ModelId,
  path: z.string().min(1).max(1024),
  start: z.int().min(0),
  end: z.int().min(0),
})
const FileRangeEnd = z.strictObject({ type: z.literal('file-range-end'), transfer: z.int().min(0).max(0xffffffff), error: z.strictObject({ code: z.string().max(128), message: Text }).nullable() })
const FileRangeCancel = z.strictObject({ type: z.literal('file-range-cancel'), transfer: z.int().min(0).max(0xffffffff) })

/** What one node tells another over their link. Until both sides have accepted each other, only the first four. */
export const PeerMessage = z.discriminatedUnion('type', [
  Hello,
  KeyProof,
  Refused,
  z.strictObject({ type: z.literal('welcome'), node: NodeFacts }),
  Ping,
  Pong,
  Peers,
  ElectionMessage,
  ClusterEvents,
  EventsRequest,
  ClusterSnapshot,
  StateOffer,
  Observation,
  HighRateReport,
  LeaderCommand,
  LeaderResult,
  GenerationStart,
  GenerationCancel,
  GenerationEvents,
  StepsBegin,
  FileListRequest,
  FileList,
  FileRangeRequest,
  FileRangeEnd,
  FileRangeCancel,
])
export type PeerMessage = z.infer<typeof PeerMessage>
export type PeerMessageOf<Type extends PeerMessage['type']> = Extract<PeerMessage, { type: Type }>
