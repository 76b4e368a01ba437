import type { z } from 'zod'
import { MAX_FRAME_BYTES } from './frame-limits.ts'
import {
  ClusterEventsMessage,
  ClusterSnapshotMessage,
  ElectionMessage,
  EventsRequestMessage,
  LinkMapMessage,
  NodeReportMessage,
  NodeSampleMessage,
  type PeerMessage,
  PeersTold,
  RelayedMessage,
  StateOfferMessage,
  StepsBeginMessage,
} from './peer-message.ts'

export interface PeerMessageRow {
  readonly request: z.ZodType
  /** The possible answers; empty: the message has no answer. */
  readonly answer: readonly PeerMessage['type'][]
  readonly limit: { readonly bytes: number }
  /** `link`: only between the two ends of a link. `cluster`: also relayed by other nodes. */
  readonly reach: 'link' | 'cluster'
  /** For docs/protocol.md. */
  readonly means: string
}

const limit = { bytes: MAX_FRAME_BYTES }

/** Every message between nodes. A new one needs a row here and a member of `PeerMessage`. */
export const PEER_MESSAGES: { readonly [Type in PeerMessage['type']]: PeerMessageRow } = {
  election: {
    request: ElectionMessage,
    answer: ['election'],
    limit,
    reach: 'link',
    means: 'Whom the sender follows. It also travels as a datagram; `isAsking` wants an answer at once.',
  },
  'cluster-events': {
    request: ClusterEventsMessage,
    answer: [],
    limit,
    reach: 'cluster',
    means: 'The leader sends the next entries of its log.',
  },
  'events-request': {
    request: EventsRequestMessage,
    answer: ['cluster-events', 'cluster-snapshot'],
    limit,
    reach: 'cluster',
    means: 'A follower asks the leader for what it has missed.',
  },
  'cluster-snapshot': {
    request: ClusterSnapshotMessage,
    answer: [],
    limit,
    reach: 'cluster',
    means: 'The leader sends the whole state to a follower that is too far behind for events.',
  },
  'state-offer': {
    request: StateOfferMessage,
    answer: [],
    limit,
    reach: 'cluster',
    means: 'A node that followed another leader tells a new one what it knew.',
  },
  'node-report': { request: NodeReportMessage, answer: [], limit, reach: 'cluster', means: 'What a node has and runs, after each change.' },
  'node-sample': { request: NodeSampleMessage, answer: [], limit, reach: 'cluster', means: 'What changes all the time: memory, rates.' },
  'steps-begin': {
    request: StepsBeginMessage,
    answer: [],
    limit,
    reach: 'cluster',
    means: "Rank 0's node tells the other ranks' nodes that their workers join the step loop.",
  },
  'peers-told': { request: PeersTold, answer: [], limit, reach: 'link', means: "Where the sender's other peers are." },
  'link-map': { request: LinkMapMessage, answer: [], limit, reach: 'link', means: 'Who is linked with whom, by the word of each.' },
  relayed: {
    request: RelayedMessage,
    answer: [],
    limit,
    reach: 'link',
    means: 'A message for a node that the sender has no link to. The node between passes it on.',
  },
}
