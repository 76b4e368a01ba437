import { appendEvent, answerRequest, headMessage, type LeaderLog, startTerm } from '../domain/cluster/replication/leader-log.ts'
import {
  EMPTY_REPLICA,
  type FollowerReplica,
  receiveEvents,
  receiveSnapshot,
  type ReplicaStep,
  tickReplica,
} from '../domain/cluster/replication/follower-replica.ts'
import type { ClusterState } from '../domain/cluster/cluster-state.ts'
import { mergeStates } from '../domain/cluster/replication/merge-states.ts'
import { reportToEvents } from '../domain/cluster/report-to-events.ts'
import { restoreSnapshot, snapshotOf } from '../domain/cluster/replication/snapshot.ts'
import type { Clock } from '../platform/clock.ts'
import type { Log } from '../platform/log/log.ts'
import type { NodeId } from '../shared/ids.ts'
import type { ClusterEvent, LogPosition } from '../shared/wire/peer/cluster-event.ts'
import type { NodeReport, NodeSample } from '../shared/wire/peer/node-report.ts'
import type { PeerMessage, PeerMessageOf } from '../shared/wire/peer/peer-message.ts'
import type { MessageLinks } from './message-links.ts'
import { UnreachedNodes } from './state/unreached-nodes.ts'

/** The leading node and the term of its election. */
export interface Leader {
  readonly nodeId: NodeId
  readonly term: number
}

export interface ClusterServiceDependencies {
  readonly nodeId: NodeId
  readonly links: MessageLinks
  readonly clock: Pick<Clock, 'now' | 'epochMs' | 'every'>
  readonly log: Log
  /** The current report of this node; `reportChanged` signals that it differs from the last one. */
  ownReport(): NodeReport
  ownSample(): NodeSample
  /** The leader's rules: the next events to log in this state. Called after every change and at each tick until it returns none. */
  manage(state: ClusterState, nodesGone: ReadonlySet<NodeId>): readonly ClusterEvent[]
}

const TICK_MS = 100
const HEAD_TICKS = 10
const SAMPLE_TICKS = 10
/** Sampling interval of an idle node. */
const IDLE_SAMPLE_TICKS = 30
/** Repeats the report, in case one was lost with its link. */
const REPORT_TICKS = 50
/** The rules settle in a few rounds. More rounds indicate a fault, which must not block the node. */
const MANAGE_ROUNDS = 32

/**
 * Keeps this node's copy of the cluster's state. As the leader it orders the events of all nodes. As a follower it
 * applies them in order, requests missing ones, and reports its own facts to the leader.
 */
export class ClusterService {
  readonly #deps: ClusterServiceDependencies
  readonly #listeners = new Set<(state: ClusterState) => void>()
  readonly #samples = new Map<NodeId, NodeSample>()
  readonly #clockSkewMs = new Map<NodeId, number>()
  readonly #unreached = new UnreachedNodes()
  #leader: Leader | null = null
  /** Set while this node leads. */
  #log: LeaderLog | null = null
  #replica: FollowerReplica = EMPTY_REPLICA
  /** The latest events of a node that is not this node's leader but may be about to become it. */
  #early: { readonly from: NodeId; readonly message: PeerMessageOf<'cluster-events'> } | null = null
  /** The term whose leader has been offered this node's state. */
  #offeredTerm = 0
  #ticks = 0
  /** The end of activity is reported at once. */
  #wasBusy = true
  #isReportDue = true

  constructor(dependencies: ClusterServiceDependencies, signal: AbortSignal) {
    this.#deps = dependencies
    dependencies.clock.every(TICK_MS, () => this.#tick(), signal)
  }

  state(): ClusterState {
    return this.#log?.state ?? this.#replica.state
  }

  leader(): Leader | null {
    return this.#leader
  }

  isLeader(): boolean {
    return this.#log !== null
  }

  onState(listener: (state: ClusterState) => void, signal: AbortSignal): void {
    this.#listeners.add(listener)
    signal.addEventListener('abort', () => this.#listeners.delete(listener), { once: true })
  }

  /** The latest sample of each node, including this one. */
  samples(): ReadonlyMap<NodeId, NodeSample> {
    return this.#samples
  }

  /** For each other node: its clock minus this node's, corrected by the one-way message time. */
  clockSkewMs(): ReadonlyMap<NodeId, number> {
    return this.#clockSkewMs
  }

  /** Sets the leader chosen by the election. */
  setLeader(leader: Leader | null): void {
    const { nodeId, log } = this.#deps
    if (leader?.nodeId === this.#leader?.nodeId && leader?.term === this.#leader?.term) return
    this.#leader = leader
    log.info('leader', { leaderId: leader?.nodeId ?? null, term: leader?.term ?? null })
    if (leader?.nodeId === nodeId) this.#lead(leader.term)
    else this.#follow()
    this.#isReportDue = true
    this.#tellReport()
    const early = this.#early
    this.#early = null
    if (early) this.#receiveEvents(early.from, early.message)
  }

  /** A node became reachable: it need not wait for the periodic messages. */
  reached(peerId: NodeId): void {
    const { links, ownSample } = this.#deps
    links.send(peerId, { type: 'node-sample', sample: ownSample() })
    if (this.#log) links.send(peerId, headMessage(this.#log))
    // The last report may have been sent over the lost link.
    if (peerId === this.#leader?.nodeId) this.reportChanged()
  }

  /** This node's report has changed. */
  reportChanged(): void {
    this.#isReportDue = true
    this.#tellReport()
  }

  /** Orders events; only called while this node leads. Events that change nothing are dropped. */
  append(events: readonly ClusterEvent[]): void {
    if (!this.#log || events.length === 0) return
    const before = this.#log.state
    for (const event of events) {
      const { log, message } = appendEvent(this.#log, event)
      this.#log = log
      if (message) this.#deps.links.broadcast(message)
    }
    if (this.#log.state !== before) this.#changed()
  }

  receive(from: NodeId, message: PeerMessage): void {
    switch (message.type) {
      case 'cluster-events':
        if (message.leaderId === from) this.#receiveEvents(from, message)
        return
      case 'cluster-snapshot':
        if (message.leaderId === from) this.#receiveSnapshot(from, message)
        return
      case 'events-request': {
        const answer = this.#log && answerRequest(this.#log, message)
        if (answer) this.#deps.links.send(from, answer)
        return
      }
      case 'state-offer':
        return this.#receiveOffer(from, message)
      case 'node-report':
        if (this.#log && message.report.node.nodeId === from) this.append(reportToEvents(this.#log.state, message.report))
        return
      case 'node-sample':
        if (message.sample.nodeId !== from) return
        this.#samples.set(from, message.sample)
        this.#clockSkewMs.set(from, message.sample.epochMs - this.#deps.clock.epochMs())
        return
      default:
        return
    }
  }

  #lead(term: number): void {
    const { state, position } = this.#standing()
    this.#log = startTerm(term, this.#deps.nodeId, state, position)
    this.#unreached.clear()
    this.#deps.links.broadcast(headMessage(this.#log))
  }

  #follow(): void {
    if (!this.#log) return
    const { state, position } = this.#standing()
    this.#replica = { term: this.#log.term, state, position, early: [], waiting: null }
    this.#log = null
  }

  /** This node's state and log position. */
  #standing(): { state: ClusterState; position: LogPosition } {
    if (!this.#log) return this.#replica
    const { state, term, headIndex, base } = this.#log
    return { state, position: headIndex === base.index ? base : { term, index: headIndex } }
  }

  #receiveEvents(from: NodeId, message: PeerMessageOf<'cluster-events'>): void {
    if (!this.#isObeyed(from, message.term)) return void (this.#early = { from, message })
    this.#offerState(from, message)
    this.#advance(from, receiveEvents(this.#replica, message))
  }

  #receiveSnapshot(from: NodeId, message: PeerMessageOf<'cluster-snapshot'>): void {
    if (!this.#isObeyed(from, message.term)) return
    try {
      this.#advance(from, receiveSnapshot(this.#replica, message))
    } catch (error) {
      this.#deps.log.error('a snapshot could not be read', { from, error })
    }
  }

  /** Whether the node is the elected leader of that term. A leading node follows no other leader. */
  #isObeyed(from: NodeId, term: number): boolean {
    return this.#log === null && this.#leader?.nodeId === from && this.#leader.term === term && term >= this.#replica.term
  }

  #advance(leaderId: NodeId, { replica, request }: ReplicaStep): void {
    const before = this.#replica.state
    this.#replica = replica
    if (request) this.#deps.links.send(leaderId, request)
    if (replica.state !== before) this.#changed()
  }

  /** Offers a new leader, once, the state followed under an earlier leader if the new one did not continue from it. */
  #offerState(leaderId: NodeId, { term, base }: PeerMessageOf<'cluster-events'>): void {
    const { position, state } = this.#replica
    const goesOn = position.term === term || (position.term === base.term && position.index === base.index)
    if (goesOn || position.index === 0 || this.#offeredTerm >= term) return
    this.#offeredTerm = term
    this.#deps.links.send(leaderId, { type: 'state-offer', term, snapshot: snapshotOf(state, position) })
  }

  #receiveOffer(from: NodeId, offer: PeerMessageOf<'state-offer'>): void {
    if (!this.#log || offer.term !== this.#log.term) return
    try {
      const { state } = restoreSnapshot(offer.snapshot)
      const liveNodes = new Set([this.#deps.nodeId, ...this.#deps.links.peers().map(({ nodeId }) => nodeId)])
      this.append(mergeStates(this.#log.state, state, liveNodes))
    } catch (error) {
      this.#deps.log.error('an offered state could not be read', { from, error })
    }
  }

  #tick(): void {
    this.#ticks += 1
    const { links, ownSample } = this.#deps
    if (this.#ticks % SAMPLE_TICKS === 0) {
      const sample = ownSample()
      this.#samples.set(sample.nodeId, sample)
      const isBusy = sample.downloads.length > 0 || sample.rates.some(({ running, waiting }) => running + waiting > 0)
      if (isBusy || this.#wasBusy || this.#ticks % IDLE_SAMPLE_TICKS === 0) links.broadcast({ type: 'node-sample', sample })
      this.#wasBusy = isBusy
    }
    if (this.#ticks % REPORT_TICKS === 0) this.#isReportDue = true
    this.#tellReport()
    if (this.#log) {
      if (this.#ticks % HEAD_TICKS === 0) links.broadcast(headMessage(this.#log))
      this.#dropLeft()
      this.#manage()
    } else if (this.#leader) {
      this.#advance(this.#leader.nodeId, tickReplica(this.#replica))
    }
  }

  #tellReport(): void {
    if (!this.#isReportDue || !this.#leader) return
    const report = this.#deps.ownReport()
    if (this.#log) {
      this.#isReportDue = false
      this.append(reportToEvents(this.#log.state, report))
    } else if (this.#deps.links.send(this.#leader.nodeId, { type: 'node-report', report })) {
      this.#isReportDue = false
    }
  }

  /** Removes nodes from the state that the leader cannot reach. */
  #dropLeft(): void {
    if (!this.#log) return
    const { clock, links, nodeId: ownId } = this.#deps
    const reached = new Set([ownId, ...links.peers().map(({ nodeId }) => nodeId)])
    const known = Object.values(this.#log.state.nodes).map(({ nodeId }) => nodeId)
    const left = this.#unreached.look(known, reached, clock.now(), (nodeId) => links.wasSilent(nodeId))
    for (const nodeId of left) {
      this.#samples.delete(nodeId)
      this.#clockSkewMs.delete(nodeId)
    }
    this.append(left.map((nodeId) => ({ type: 'node-left', nodeId, reason: 'the leader cannot reach it' })))
  }

  #manage(): void {
    for (let round = 0; round < MANAGE_ROUNDS && this.#log; round++) {
      const before = this.#log.state
      this.append(this.#deps.manage(before, this.#unreached.nodes()))
      if (this.#log.state === before) return
    }
  }

  #changed(): void {
    const state = this.state()
    for (const listener of [...this.#listeners]) listener(state)
  }
}
