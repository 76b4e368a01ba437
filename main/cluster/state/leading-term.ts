import type { ClusterState } from '../../domain/cluster/cluster-state.ts'
import { appendEvent, answerRequest, headMessage, type LeaderLog, startTerm } from '../../domain/cluster/replication/leader-log.ts'
import { mergeStates } from '../../domain/cluster/replication/merge-states.ts'
import { restoreSnapshot } from '../../domain/cluster/replication/snapshot.ts'
import { lettersOf, StateSize } from '../../domain/cluster/replication/state-size.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Log } from '../../platform/log/log.ts'
import type { NodeId } from '../../shared/ids.ts'
import type { ClusterEvent, LogPosition } from '../../shared/wire/peer/cluster-event.ts'
import type { PeerMessageOf } from '../../shared/wire/peer/peer-message.ts'
import type { MessageLinks } from '../message-links.ts'
import { UnreachedNodes } from './unreached-nodes.ts'

/** A node's state and log position. */
export interface LogStanding {
  readonly state: ClusterState
  readonly position: LogPosition
}

export interface LeadingTermDependencies {
  readonly nodeId: NodeId
  readonly links: MessageLinks
  readonly clock: Pick<Clock, 'now'>
  readonly log: Log
  manage(state: ClusterState, nodesGone: ReadonlySet<NodeId>): readonly ClusterEvent[]
  onChange(): void
  onLeft(nodeId: NodeId): void
}

/** The rules settle in a few rounds. More rounds indicate a fault, which must not block the node. */
const MANAGE_ROUNDS = 32

/** The term in which this node leads: it orders the events of all nodes and sends missing ones again. */
export class LeadingTerm {
  readonly #deps: LeadingTermDependencies
  readonly #unreached = new UnreachedNodes()
  readonly #size = new StateSize()
  #log: LeaderLog
  #isOver = false

  constructor(dependencies: LeadingTermDependencies, term: number, { state, position }: LogStanding) {
    this.#deps = dependencies
    this.#log = startTerm(term, dependencies.nodeId, state, position)
  }

  get state(): ClusterState {
    return this.#log.state
  }

  get term(): number {
    return this.#log.term
  }

  standing(): LogStanding {
    const { state, term, headIndex, base } = this.#log
    return { state, position: headIndex === base.index ? base : { term, index: headIndex } }
  }

  /** Ends the term; no event is ordered after this. */
  end(): void {
    this.#isOver = true
  }

  head(): PeerMessageOf<'cluster-events'> {
    return headMessage(this.#log)
  }

  /** Orders events. Events that change nothing are dropped. */
  append(events: readonly ClusterEvent[]): void {
    if (this.#isOver || events.length === 0) return
    const before = this.#log.state
    for (const event of events) {
      const { log, message } = appendEvent(this.#log, event)
      if (!this.#size.admits(this.#log.state, log.state, lettersOf(event))) {
        this.#deps.log.error('the state of the cluster is too large: an event is dropped', { type: event.type })
        continue
      }
      this.#log = log
      if (message) this.#deps.links.broadcast(message)
    }
    if (this.#log.state !== before) this.#deps.onChange()
  }

  answer(from: NodeId, request: PeerMessageOf<'events-request'>): void {
    const answer = answerRequest(this.#log, request)
    if (answer) this.#deps.links.send(from, answer)
  }

  /** Merges the state that a node followed under an earlier leader. */
  receiveOffer(from: NodeId, offer: PeerMessageOf<'state-offer'>): void {
    if (offer.term !== this.#log.term) return
    try {
      const { state } = restoreSnapshot(offer.snapshot)
      const liveNodes = new Set([this.#deps.nodeId, ...this.#deps.links.peers().map(({ nodeId }) => nodeId)])
      this.append(mergeStates(this.#log.state, state, liveNodes))
    } catch (error) {
      this.#deps.log.error('an offered state could not be read', { from, error })
    }
  }

  /** Removes nodes from the state that the leader cannot reach. */
  dropLeft(): void {
    const { clock, links, nodeId: ownId, onLeft } = this.#deps
    const reached = new Set([ownId, ...links.peers().map(({ nodeId }) => nodeId)])
    const known = Object.values(this.#log.state.nodes).map(({ nodeId }) => nodeId)
    const left = this.#unreached.look(known, reached, clock.now(), (nodeId) => links.wasSilent(nodeId))
    for (const nodeId of left) onLeft(nodeId)
    this.append(left.map((nodeId) => ({ type: 'node-left', nodeId, reason: 'the leader cannot reach it' })))
  }

  /** Applies the leader's rules until they add no event. */
  manage(): void {
    for (let round = 0; round < MANAGE_ROUNDS && !this.#isOver; round++) {
      const before = this.#log.state
      this.append(this.#deps.manage(before, this.#unreached.nodes()))
      if (this.#log.state === before) return
    }
  }
}
