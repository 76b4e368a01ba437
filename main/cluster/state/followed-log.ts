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
import { lettersOf, StateSize } from '../../domain/cluster/replication/state-size.ts'
import type { Log } from '../../platform/log/log.ts'
import type { NodeId } from '../../shared/ids.ts'
import type { PeerMessageOf } from '../../shared/wire/peer/peer-message.ts'
import type { MessageLinks } from '../message-links.ts'
import type { LogStanding } from './leading-term.ts'

/** Of one message whose events may wait until a gap is filled. */
const MOST_EARLY_LETTERS = 2 ** 16

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
  readonly #size = new StateSize()
  /** The term whose leader has let the state grow too large. */
  #refusedTerm = 0

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
    const letters = lettersOf(message.events)
    const step = receiveEvents(this.#replica, message)
    // Large events that came too early are requested again, and do not fill the memory meanwhile.
    const early = letters > MOST_EARLY_LETTERS ? [] : step.replica.early
    this.#advance(from, { ...step, replica: { ...step.replica, early } }, letters)
  }

  receiveSnapshot(from: NodeId, message: PeerMessageOf<'cluster-snapshot'>): void {
    try {
      this.#advance(from, receiveSnapshot(this.#replica, message), null)
    } catch (error) {
      this.#deps.log.error('a snapshot could not be read', { from, error })
    }
  }

  tick(leaderId: NodeId): void {
    this.#advance(leaderId, tickReplica(this.#replica), 0)
  }

  /** @param letters - of the events; null: the state is a snapshot's */
  #advance(leaderId: NodeId, { replica, request }: ReplicaStep, letters: number | null): void {
    if (replica.term === this.#refusedTerm) return
    const before = this.#replica.state
    if (!this.#size.admits(before, replica.state, letters)) {
      this.#refusedTerm = replica.term
      this.#deps.log.error('the leader lets the state of the cluster grow too large: it is followed no longer', { leaderId })
      return
    }
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
