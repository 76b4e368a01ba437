import { z } from 'zod'
import { InstanceId, NodeId } from '../../ids.ts'
import { Beat, Epoch, LogIndex, Round, Term } from './election-numbers.ts'
import { LoggedEvent, LogPosition } from './cluster-event.ts'
import { NodeReport, NodeSample } from './node-report.ts'
import { peerLine } from '../../formats/peer-text.ts'

/** A claim to lead, sent with each beat and passed on by other nodes. */
export const LeaderClaim = z.strictObject({
  leaderId: NodeId,
  /** Unique to this leader: see main/domain/election. */
  term: Term,
  /** Counts ticks of the leader's term, so that two copies of a claim can be ordered. */
  beat: Beat,
  /** Nodes that followed it directly at this beat, by its own count. */
  followers: z.int().min(0).max(1024),
  /** Ticks since the leader sent it. */
  ageTicks: z
    .int()
    .min(0)
    .max(2 ** 20),
})
export type LeaderClaim = z.infer<typeof LeaderClaim>

export const ElectionMessage = z.strictObject({
  type: z.literal('election'),
  /** The leader that the sender follows; null: none yet. */
  claim: LeaderClaim.nullable(),
  /** Another live claim that the sender has heard of. */
  rival: LeaderClaim.nullable(),
  /** Number of nodes that the claim passed on its way: 0 at the leader itself; null without a claim. */
  hops: z.int().min(0).max(1024).nullable(),
  /** The highest round that the sender has seen. The next claim is above it. */
  round: Round,
  /** The sender has not heard from its leader for a while: answer at once. */
  isAsking: z.boolean(),
})
export type ElectionMessage = z.infer<typeof ElectionMessage>

export const ClusterEventsMessage = z.strictObject({
  type: z.literal('cluster-events'),
  term: Term,
  leaderId: NodeId,
  base: LogPosition,
  headIndex: LogIndex,
  events: z.array(LoggedEvent).max(1024),
})
export const EventsRequestMessage = z.strictObject({ type: z.literal('events-request'), term: Term, afterIndex: LogIndex.nullable() })
/** The state is parsed where it is restored (`restoreSnapshot`). */
export const ClusterSnapshotMessage = z.strictObject({
  type: z.literal('cluster-snapshot'),
  term: Term,
  leaderId: NodeId,
  snapshot: z.unknown(),
})
/** For a new leader, from a node that followed another one: the state it knew (`Snapshot`). */
export const StateOfferMessage = z.strictObject({ type: z.literal('state-offer'), term: Term, snapshot: z.unknown() })

export const NodeReportMessage = z.strictObject({ type: z.literal('node-report'), report: NodeReport })
export const NodeSampleMessage = z.strictObject({ type: z.literal('node-sample'), sample: NodeSample })

/**
 * From rank 0's node to the nodes of other ranks: their workers join the step loop. `begins` counts from 1 in each
 * epoch, so that a repeated message takes effect only once and a lost one is recovered.
 */
export const StepsBeginMessage = z.strictObject({
  type: z.literal('steps-begin'),
  instanceId: InstanceId,
  epoch: Epoch,
  begins: z
    .int()
    .min(1)
    .max(2 ** 48),
})

/** The addresses of the sender's other peers, so that knowing one node of a cluster is enough. */
export const PeersTold = z.strictObject({
  type: z.literal('peers-told'),
  peers: z
    .array(
      z.strictObject({
        nodeId: NodeId,
        nodeName: peerLine(256),
        peerPort: z.int().min(1).max(65535),
        hosts: z.array(z.string().min(1).max(64)).max(16),
      }),
    )
    .max(1024),
})
export type PeersTold = z.infer<typeof PeersTold>

/** Milliseconds since 1970, or the previous version plus one. This is more than a thousand years ahead. */
export const MAX_LINK_MAP_VERSION = 2 ** 45

/** The links of a node, as it reports them. Of two entries of the same node, the one with the higher version is newer. */
export const LinkMapEntry = z.strictObject({
  nodeId: NodeId,
  version: z.int().min(0).max(MAX_LINK_MAP_VERSION),
  peers: z.array(NodeId).max(1024),
})
export type LinkMapEntry = z.infer<typeof LinkMapEntry>

export const LinkMapMessage = z.strictObject({ type: z.literal('link-map'), entries: z.array(LinkMapEntry).max(1024) })

/** A message between two nodes without a direct link, relayed by others; it is parsed at its destination. */
export const RelayedMessage = z.strictObject({
  type: z.literal('relayed'),
  from: NodeId,
  to: NodeId,
  hopsLeft: z.int().min(0).max(64),
  message: z.unknown(),
})

/** Opens a stream to a node without a direct link to the sender. `header` is the header of the stream itself. */
export const RelayStreamHeader = z.strictObject({
  to: NodeId,
  kind: z.string().min(1).max(64),
  hopsLeft: z.int().min(0).max(64),
  header: z.unknown(),
})
export type RelayStreamHeader = z.infer<typeof RelayStreamHeader>

/** The messages between two linked nodes, once both have accepted each other. Longer exchanges use streams. */
export const PeerMessage = z.discriminatedUnion('type', [
  ElectionMessage,
  ClusterEventsMessage,
  EventsRequestMessage,
  ClusterSnapshotMessage,
  StateOfferMessage,
  NodeReportMessage,
  NodeSampleMessage,
  StepsBeginMessage,
  PeersTold,
  LinkMapMessage,
  RelayedMessage,
])
export type PeerMessage = z.infer<typeof PeerMessage>
export type PeerMessageOf<Type extends PeerMessage['type']> = Extract<PeerMessage, { type: Type }>
