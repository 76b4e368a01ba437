import type { ClusterState } from '../../domain/cluster/cluster-state.ts'
import {
  EMPTY_REPLICA,
  type FollowerReplica,
  receiveEvents,
  receiveSnapshot,
  type ReplicaStep,
  tickReplica,
} from '../../domain/cluster/replication/follower-replica.ts'
import { snapshotOf } from '../../domain/cluster/replication/snapshot.ts'
import type { Log } from '../../platform/log/log.ts'
import type { NodeId } from '../../shared/ids.ts'
import type { PeerMessageOf } from '../../shared/wire/peer/peer-message.ts'
import type { MessageLinks } from '../message-links.ts'
import type { LogStanding } from './leading-term.ts'

export interface FollowedLogDependencies {
  readonly links: MessageLinks
  readonly log: Log
  onChange(): void
}

/** This node's copy of the state while another node leads: applies the leader's events in order and requests missing ones. */
export class FollowedLog {
  readonly #deps: FollowedLogDependencies
  #replica: FollowerReplica = EMPTY_REPLICA
  /** The term whose leader has been offered this node's state. */
  #offeredTerm = 0

  constructor(dependencies: FollowedLogDependencies) {
    this.#deps = dependencies
  }

  get state(): ClusterState {
    return this.#replica.state
  }

  get term(): number {
    return this.#replica.term
  }

  standing(): LogStanding {
    return this.#replica
  }

  /** Continues from the state and position that this node had as the leader. */
  continueFrom(term: number, { state, position }: LogStanding): void {
    this.#replica = { term, state, position, early: [], waiting: null }
  }

  receiveEvents(from: NodeId, message: PeerMessageOf<'cluster-events'>): void {
    this.#offerState(from, message)
    this.#advance(from, receiveEvents(this.#replica, message))
  }

  receiveSnapshot(from: NodeId, message: PeerMessageOf<'cluster-snapshot'>): void {
    try {
      this.#advance(from, receiveSnapshot(this.#replica, message))
    } catch (error) {
      this.#deps.log.error('a snapshot could not be read', { from, error })
    }
  }

  tick(leaderId: NodeId): void {
    this.#advance(leaderId, tickReplica(this.#replica))
  }

  #advance(leaderId: NodeId, { replica, request }: ReplicaStep): void {
    const before = this.#replica.state
    this.#replica = replica
    if (request) this.#deps.links.send(leaderId, request)
    if (replica.state !== before) this.#deps.onChange()
  }

  /** Offers a new leader, once, the state followed under an earlier leader if the new one did not continue from it. */
  #offerState(leaderId: NodeId, { term, base }: PeerMessageOf<'cluster-events'>): void {
    const { position, state } = this.#replica
    const goesOn = position.term === term || (position.term === base.term && position.index === base.index)
    if (goesOn || position.index === 0 || this.#offeredTerm >= term) return
    this.#offeredTerm = term
    this.#deps.links.send(leaderId, { type: 'state-offer', term, snapshot: snapshotOf(state, position) })
  }
}
