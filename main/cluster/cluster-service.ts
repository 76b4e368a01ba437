import type { ClusterState } from '../domain/cluster/cluster-state.ts'
import { ownWords } from '../domain/cluster/own-words.ts'
import { reportToEvents } from '../domain/cluster/report-to-events.ts'
import type { Clock } from '../platform/clock.ts'
import type { Log } from '../platform/log/log.ts'
import type { NodeId } from '../shared/ids.ts'
import type { ClusterEvent } from '../shared/wire/peer/cluster-event.ts'
import type { NodeReport, NodeSample } from '../shared/wire/peer/node-report.ts'
import type { PeerMessage, PeerMessageOf } from '../shared/wire/peer/peer-message.ts'
import type { MessageLinks } from './message-links.ts'
import { FollowedLog } from './state/followed-log.ts'
import { LeadingTerm, type LogStanding } from './state/leading-term.ts'
import { NodeSamples } from './state/node-samples.ts'

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
/** Repeats the report, in case one was lost with its link. */
const REPORT_TICKS = 50

/**
 * Keeps this node's copy of the cluster's state. As the leader it orders the events of all nodes. As a follower it
 * applies them in order, requests missing ones, and reports its own facts to the leader.
 */
export class ClusterService {
  readonly #deps: ClusterServiceDependencies
  readonly #listeners = new Set<(state: ClusterState) => void>()
  readonly #samples: NodeSamples
  readonly #followed: FollowedLog
  #leader: Leader | null = null
  /** Set while this node leads. */
  #leading: LeadingTerm | null = null
  /** The latest events of a node that is not this node's leader but may be about to become it. */
  #early: { readonly from: NodeId; readonly message: PeerMessageOf<'cluster-events'> } | null = null
  #ticks = 0
  #isReportDue = true

  constructor(dependencies: ClusterServiceDependencies, signal: AbortSignal) {
    const { clock, links, log } = dependencies
    this.#deps = dependencies
    this.#samples = new NodeSamples(clock)
    this.#followed = new FollowedLog({ links, log, onChange: () => this.#changed() })
    clock.every(TICK_MS, () => this.#tick(), signal)
  }

  state(): ClusterState {
    return this.#leading?.state ?? this.#followed.state
  }

  leader(): Leader | null {
    return this.#leader
  }

  isLeader(): boolean {
    return this.#leading !== null
  }

  onState(listener: (state: ClusterState) => void, signal: AbortSignal): void {
    this.#listeners.add(listener)
    signal.addEventListener('abort', () => this.#listeners.delete(listener), { once: true })
  }

  /** The latest sample of each node, including this one, with the values that are the node's own. */
  samples(): ReadonlyMap<NodeId, NodeSample> {
    const state = this.state()
    return new Map([...this.#samples.all()].map(([nodeId, sample]) => [nodeId, ownWords(sample, state)]))
  }

  /** For each other node: its clock minus this node's, corrected by the one-way message time. */
  clockSkewMs(): ReadonlyMap<NodeId, number> {
    return this.#samples.clockSkewMs()
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
    this.#sendReport()
    const early = this.#early
    this.#early = null
    if (early) this.#receiveEvents(early.from, early.message)
  }

  /** A node became reachable: it need not wait for the periodic messages. */
  reached(peerId: NodeId): void {
    const { links, ownSample } = this.#deps
    links.send(peerId, { type: 'node-sample', sample: ownSample() })
    if (this.#leading) links.send(peerId, this.#leading.head())
    // The last report may have been sent over the lost link.
    if (peerId === this.#leader?.nodeId) this.reportChanged()
  }

  /** This node's report has changed. */
  reportChanged(): void {
    this.#isReportDue = true
    this.#sendReport()
  }

  /** Orders events; only called while this node leads. Events that change nothing are dropped. */
  append(events: readonly ClusterEvent[]): void {
    this.#leading?.append(events)
  }

  receive(from: NodeId, message: PeerMessage): void {
    switch (message.type) {
      case 'cluster-events':
        if (message.leaderId === from) this.#receiveEvents(from, message)
        return
      case 'cluster-snapshot':
        if (message.leaderId === from && this.#follows(from, message.term)) this.#followed.receiveSnapshot(from, message)
        return
      case 'events-request':
        return this.#leading?.answer(from, message)
      case 'state-offer':
        return this.#leading?.receiveOffer(from, message)
      case 'node-report':
        if (this.#leading && message.report.node.nodeId === from) this.append(reportToEvents(this.#leading.state, message.report))
        return
      case 'node-sample':
        return this.#samples.receive(from, message.sample)
      default:
        return
    }
  }

  #lead(term: number): void {
    const { nodeId, links, clock, log } = this.#deps
    const standing = this.#standing()
    this.#leading?.end()
    this.#leading = new LeadingTerm(
      {
        nodeId,
        links,
        clock,
        log,
        manage: (...asked) => this.#deps.manage(...asked),
        onChange: () => this.#changed(),
        onLeft: (left) => this.#samples.forget(left),
      },
      term,
      standing,
    )
    links.broadcast(this.#leading.head())
  }

  #follow(): void {
    if (!this.#leading) return
    this.#followed.continueFrom(this.#leading.term, this.#leading.standing())
    this.#leading.end()
    this.#leading = null
  }

  #standing(): LogStanding {
    return (this.#leading ?? this.#followed).standing()
  }

  #receiveEvents(from: NodeId, message: PeerMessageOf<'cluster-events'>): void {
    if (this.#follows(from, message.term)) this.#followed.receiveEvents(from, message)
    else this.#early = { from, message }
  }

  /** Whether the node is the elected leader of that term. A leading node follows no other leader. */
  #follows(from: NodeId, term: number): boolean {
    return this.#leading === null && this.#leader?.nodeId === from && this.#leader.term === term && term >= this.#followed.term
  }

  #tick(): void {
    this.#ticks += 1
    const { links, ownSample } = this.#deps
    this.#samples.tick(this.#ticks, ownSample, (sample) => links.broadcast({ type: 'node-sample', sample }))
    if (this.#ticks % REPORT_TICKS === 0) this.#isReportDue = true
    this.#sendReport()
    const leading = this.#leading
    if (leading) {
      if (this.#ticks % HEAD_TICKS === 0) links.broadcast(leading.head())
      leading.dropLeft()
      leading.manage()
    } else if (this.#leader) {
      this.#followed.tick(this.#leader.nodeId)
    }
  }

  #sendReport(): void {
    if (!this.#isReportDue || !this.#leader) return
    const report = this.#deps.ownReport()
    if (this.#leading) {
      this.#isReportDue = false
      this.append(reportToEvents(this.#leading.state, report))
    } else if (this.#deps.links.send(this.#leader.nodeId, { type: 'node-report', report })) {
      this.#isReportDue = false
    }
  }

  #changed(): void {
    const state = this.state()
    for (const listener of [...this.#listeners]) listener(state)
  }
}
