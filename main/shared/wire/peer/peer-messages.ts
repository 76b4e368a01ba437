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
    means: 'The leader that the sender follows. Also sent as a datagram. `isAsking` requests an answer at once.',
  },
  'cluster-events': {
    request: ClusterEventsMessage,
    answer: [],
    limit,
    reach: 'cluster',
    means: "The next entries of the leader's log.",
  },
  'events-request': {
    request: EventsRequestMessage,
    answer: ['cluster-events', 'cluster-snapshot'],
    limit,
    reach: 'cluster',
    means: 'A follower requests the entries that it missed from the leader.',
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
    means: 'A node that followed another leader sends its state to the new one.',
  },
  'node-report': {
    request: NodeReportMessage,
    answer: [],
    limit,
    reach: 'cluster',
    means: 'The inventory and shards of a node, after each change.',
  },
  'node-sample': {
    request: NodeSampleMessage,
    answer: [],
    limit,
    reach: 'cluster',
    means: 'Values that change all the time: memory, rates.',
  },
  'steps-begin': {
    request: StepsBeginMessage,
    answer: [],
    limit,
    reach: 'cluster',
    means: "Rank 0's node makes the workers of the other ranks' nodes join the step loop.",
  },
  'peers-told': { request: PeersTold, answer: [], limit, reach: 'link', means: "The addresses of the sender's other peers." },
  'link-map': {
    request: LinkMapMessage,
    answer: [],
    limit,
    reach: 'link',
    means: 'The links between nodes, as each node reports its own.',
  },
  relayed: {
    request: RelayedMessage,
    answer: [],
    limit,
    reach: 'link',
    means: 'A message for a node to which the sender has no link. The node in between forwards it.',
  },
}
