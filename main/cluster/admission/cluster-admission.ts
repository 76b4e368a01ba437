import { adoptRecord, shareRecord, withMember, withoutMembers } from '../../domain/admission/cluster-record.ts'
import { mergeSecrets } from '../../domain/admission/cluster-secret.ts'
import { type AdmissionAct, judgeNewcomer, type Standing } from '../../domain/admission/judge-newcomer.ts'
import { sayableName, WaitingNewcomers } from '../../domain/admission/waiting-newcomers.ts'
import { errorCode } from '../../shared/app-error.ts'
import { randomHex } from '../../platform/random-hex.ts'
import type { NodeId } from '../../shared/ids.ts'
import type { AdmissionCause, ClusterMemberRecord, ClusterRecord, SharedRecord } from '../../shared/wire/peer/cluster-record.ts'
import type { ClosedClusterView } from '../../shared/wire/api/membership.ts'
import { withinTime } from '../../platform/waiting/within-time.ts'
import { HeldOffPeers } from '../link/dialing/held-off-peers.ts'
import type { PairingChannel } from '../pairing/pairing-channel.ts'
import { pairingError } from '../pairing/pairing-error.ts'
import type { PairingFrameOf, PairingRefusal } from '../pairing/pairing-frame.ts'
import type { ClusterAdmissionDependencies } from './admission-dependencies.ts'
import { AdmissionFacts } from './admission-facts.ts'
import { DoorKnocker, EXCHANGE_LIMIT_MS } from './door-knocker.ts'
import { type AdmissionSide, answerKnock, knock, type KnockingPeer } from './exchange-knock.ts'
import type { KnockPath } from '../pairing/knock-path.ts'
import { isAsSaid } from './is-as-said.ts'
import { findByName } from './find-by-name.ts'
import { KnockPace } from './knock-pace.ts'
import { secretOf } from './secret-of.ts'
import { SpokenFor } from './spoken-for.ts'
import { tellAdmission, tellRemovals } from './tell-admission.ts'

/** If two nodes discover each other at once, one of them knocks first. */
const SECOND_KNOCK_MS = 700
const SECOND_WORD_MS = 30

/** Admission to a closed cluster, from the view of one member: it knocks at nodes without a link, and answers knocks. */
export class ClusterAdmission implements AdmissionSide {
  readonly clusterName: string
  readonly nodeName: string
  readonly #dependencies: ClusterAdmissionDependencies
  readonly #signal: AbortSignal
  readonly #waiting = new WaitingNewcomers()
  readonly #doors: DoorKnocker
  readonly #pace = new KnockPace()
  readonly #liars = new HeldOffPeers()
  readonly #spokenFor: SpokenFor
  readonly #facts: AdmissionFacts
  /** The machine that admitted this node to its cluster without a confirmation here. */
  #letInBy: ClusterMemberRecord | null = null

  constructor(dependencies: ClusterAdmissionDependencies, signal: AbortSignal) {
    const { links, clock } = dependencies
    this.clusterName = dependencies.clusterName
    this.nodeName = dependencies.nodeName
    this.#dependencies = dependencies
    this.#signal = signal
    this.#spokenFor = new SpokenFor(clock)
    this.#facts = new AdmissionFacts({ ...dependencies, spokenFor: this.#spokenFor })
    this.#doors = new DoorKnocker(
      { ...dependencies, secret: () => this.#record().secret },
      { knock: (channel, path, knockSignal) => knock(channel, path, this, knockSignal), onPutOut: (by) => this.#wasPutOut(by) },
      signal,
    )
    links.onRefused((nodeId, address, code) => {
      if (code !== 'key-wrong' && code !== 'key-missing') return
      this.#doors.seen(nodeId, address, dependencies.identity.nodeId < nodeId ? 0 : SECOND_KNOCK_MS)
      this.#doors.knock()
    })
    links.onPeer(({ nodeId, nodeName }) => this.#linked(nodeId, nodeName))
  }

  /** Whether any other machine can have the secret. */
  readonly hasMembers = (): boolean => this.#record().members.length > 0
  readonly peerPort = (): number => this.#dependencies.peerPort()

  share(): SharedRecord {
    const { identity, nodeName } = this.#dependencies
    return shareRecord(this.#record(), { nodeId: identity.nodeId, name: sayableName(nodeName) }, this.#facts.stage() === 'settled')
  }

  standing(peerId: NodeId): Standing {
    return this.#facts.standingTold(peerId)
  }

  refuses({ nodeId, standing }: KnockingPeer): PairingRefusal | null {
    if (this.#liars.isHeldOff(nodeId, this.#dependencies.clock.now())) return 'too-many-attempts'
    if (this.#spokenFor.isAdmitted(nodeId)) return null
    if (this.#spokenFor.isRefused(nodeId)) return 'declined'
    const { removed, lineage, members } = this.#record()
    const isMember = members.some((member) => member.nodeId === nodeId)
    return standing.lineage === lineage && removed.includes(nodeId) && !isMember ? 'put-out' : null
  }

  judge(peer: KnockingPeer): AdmissionAct {
    const { window } = this.#dependencies
    if (window?.isAsking() && this.#facts.stage() === 'solo') this.#spokenFor.ask(peer.nodeId)
    return judgeNewcomer(this.#facts.standing(peer.nodeId), peer.standing, this.#facts.ties(peer))
  }

  async take(peer: KnockingPeer, offered: SharedRecord): Promise<SharedRecord | null> {
    const { random, identity, clock, window, log } = this.#dependencies
    const act = this.judge(peer)
    const isHonest = isAsSaid(offered, peer.standing)
    if (!isHonest && act === 'take') this.distrust(peer)
    if (!isHonest || (act !== 'take' && act !== 'compare')) throw pairingError('declined')
    const own = this.#record()
    const merge = act === 'take' ? 'adopt' : mergeSecrets(secretOf(own), secretOf(offered))
    if (merge === 'keep') return this.share()
    if (merge === 'same') return null
    const adopted = adoptRecord(own, offered, identity.nodeId, clock.epochMs(), this.#facts.stage() === 'forming')
    if (own.lineage === offered.lineage) tellRemovals(log, peer, own.members, withMember(adopted, this.#memberOf(peer, 'told')).members)
    if (merge === 'renew') {
      await this.#change(withoutMembers(adopted, own.removed, randomHex(random, 32)))
      return this.share()
    }
    const cause = act === 'compare' ? 'comes-back' : this.#facts.causeOf(peer)
    const giver = this.#memberOf(peer, cause)
    const isByWord = this.#spokenFor.isAdmitted(peer.nodeId)
    if (act === 'take') this.#dependencies.onGoneOver()
    if (act === 'take' && !isByWord && cause !== 'comes-back') {
      window?.followed()
      this.#letInBy = giver
    }
    await this.#change(withMember(adopted, giver))
    if (act === 'take') tellAdmission(log, 'went-over', peer, cause)
    return null
  }

  pause(signal: AbortSignal): Promise<void> {
    return this.#dependencies.clock.sleep(SECOND_WORD_MS, signal)
  }

  distrust({ nodeId, address }: KnockingPeer): void {
    const { clock, log } = this.#dependencies
    this.#liars.fault(nodeId, clock.now())
    log.warn('a machine makes contradictory claims about its cluster and is ignored', { nodeId, address: address.host })
  }

  /** This node has left the cluster. A cluster that it was taken into without confirmation by a person here is forgotten. */
  async left(): Promise<void> {
    const { store } = this.#dependencies
    if (this.#letInBy !== null) await store.change(store.fresh())
  }

  /** The person here joins the cluster: waiting nodes are asked at once. */
  hurry(): void {
    this.#doors.hurry()
  }

  given(peer: KnockingPeer, shared: SharedRecord): void {
    // The peer was removed, or this node moved to another cluster, during the exchange.
    if (shared.secret !== this.#record().secret) return
    const isNew = !this.#record().members.some(({ nodeId }) => nodeId === peer.nodeId)
    const cause = this.#facts.causeOf(peer)
    this.#done(peer.nodeId)
    this.#change(withMember(this.#record(), this.#memberOf(peer, cause))).catch((error: unknown) =>
      this.#dependencies.log.error('a member could not be saved', { error }),
    )
    if (isNew) tellAdmission(this.#dependencies.log, 'let-in', peer, cause)
  }

  waits(peer: KnockingPeer, act: AdmissionAct): void {
    const { clock, onChange, log } = this.#dependencies
    const { nodeId, name, address } = peer
    if (this.#spokenFor.isRefused(nodeId)) return
    const followsWord =
      judgeNewcomer(this.#facts.standing(nodeId), { ...peer.standing, hasAdmitted: true }, this.#facts.ties(peer)) === 'take'
    const waitsFor = act === 'wait' && !followsWord ? 'this-side' : 'other-side'
    const isNew = this.#waiting.heard({ nodeId, name, address, waitsFor, sinceMs: clock.epochMs() }, clock.now())
    if (isNew && waitsFor === 'this-side')
      log.info('a machine wants to join: exo members', { name: sayableName(name), nodeId, address: address.host })
    if (isNew) onChange()
  }

  /** Answers a knock of another node. Rejects if nothing came of it. */
  async accept(channel: PairingChannel, path: KnockPath, frame: PairingFrameOf<'knock'>): Promise<void> {
    const { clock } = this.#dependencies
    if (!this.#pace.allows(path.host, clock.now())) return channel.refuse('too-many-attempts')
    const answer = (signal: AbortSignal): Promise<void> => answerKnock(channel, path, frame, this, signal)
    try {
      await withinTime(answer, EXCHANGE_LIMIT_MS, () => pairingError('timed-out'), clock, this.#signal)
    } catch (error) {
      if (errorCode(error) === 'pairing-put-out') return await this.#wasPutOut(path.nodeId)
      throw error
    } finally {
      channel.close()
    }
  }

  /** The person at this machine admits a waiting machine. @throws AppError `newcomer-unknown` | `name-ambiguous` */
  admit(name: string): NodeId {
    const { clock, onChange } = this.#dependencies
    const { nodeId, address } = findByName(this.#waiting.list(clock.now()), name, 'newcomer-unknown')
    this.#spokenFor.admit(nodeId)
    this.#doors.seen(nodeId, address)
    this.#doors.hurry(nodeId)
    onChange()
    return nodeId
  }

  /** Ignores the machine until this node is restarted. @throws as `admit` */
  refuse(name: string): NodeId {
    const { nodeId } = findByName(this.#waiting.list(this.#dependencies.clock.now()), name, 'newcomer-unknown')
    this.#spokenFor.refuse(nodeId)
    this.#waiting.forget(nodeId)
    this.#dependencies.onChange()
    return nodeId
  }

  /** Removes a member: the others get a new secret. @throws AppError `member-unknown` | `name-ambiguous` */
  async remove(name: string): Promise<NodeId> {
    const { random, window, links, log } = this.#dependencies
    const { nodeId, name: removedName } = findByName(this.#record().members, name, 'member-unknown')
    window?.shut()
    this.#spokenFor.forget(nodeId)
    await this.#change(withoutMembers(this.#record(), [nodeId], randomHex(random, 32)))
    for (const peer of links.peers()) this.#doors.seen(peer.nodeId, peer.address)
    this.#doors.hurry()
    log.info('a machine was removed from the cluster', { name: removedName, nodeId })
    return nodeId
  }

  /** Records a node that got the secret in another way, for example by the six digits. */
  async note(nodeId: NodeId, name: string, cause: AdmissionCause): Promise<void> {
    await this.#change(
      withMember(this.#record(), { nodeId, name: sayableName(name), cause, admittedAtMs: this.#dependencies.clock.epochMs() }),
    )
  }

  view(): ClosedClusterView {
    const { links, clock, window } = this.#dependencies
    const linked = new Set(links.peers().map(({ nodeId }) => nodeId))
    const { members, removed } = this.#record()
    return {
      members: members.map((member) => ({ ...member, isLinked: linked.has(member.nodeId) })),
      waiting: this.#waiting.list(clock.now()).map(({ nodeId, name, address, sinceMs, waitsFor }) => ({
        nodeId,
        name,
        address: address.host,
        sinceMs,
        waitsFor: this.#spokenFor.isAdmitted(nodeId) ? 'other-side' : waitsFor,
        wasRemoved: removed.includes(nodeId),
      })),
      letInBy: this.#letInBy,
      isWindowOpen: window?.isOpen() ?? false,
    }
  }

  /** A member reports the removal: this node is alone again, with a new secret. */
  async #wasPutOut(by: NodeId): Promise<void> {
    const { store, window, log } = this.#dependencies
    if (!this.#record().members.some(({ nodeId }) => nodeId === by)) return
    window?.shut()
    log.warn('this machine was removed from the cluster', { by })
    await this.#change(store.fresh())
  }

  #linked(nodeId: NodeId, nodeName: string): void {
    const isKnown = this.#record().members.some((member) => member.nodeId === nodeId)
    this.#done(nodeId)
    if (!isKnown)
      this.note(nodeId, nodeName, 'told').catch((error: unknown) => this.#dependencies.log.error('a member could not be saved', { error }))
  }

  #done(nodeId: NodeId): void {
    this.#waiting.forget(nodeId)
    this.#doors.forget(nodeId)
    this.#spokenFor.forget(nodeId)
  }

  async #change(next: ClusterRecord): Promise<void> {
    const { store, links, onChange } = this.#dependencies
    const before = this.#record()
    const kept = store.change(next)
    if (next.secret !== before.secret) {
      await links.rekey(next.secret)
      const members = new Set(next.members.map(({ nodeId }) => nodeId))
      // Links to former members are cut. Remaining members receive the new secret by a knock, even if they are linked.
      for (const peer of links.peers()) {
        if (!members.has(peer.nodeId)) links.cut(peer.nodeId)
        else this.#doors.seen(peer.nodeId, peer.address)
      }
      this.#doors.hurry()
    } else links.retryRefused()
    onChange()
    return kept
  }

  #record(): ClusterRecord {
    return this.#dependencies.store.current()
  }

  #memberOf({ nodeId, name }: KnockingPeer, cause: AdmissionCause): ClusterMemberRecord {
    return { nodeId, name: sayableName(name), cause, admittedAtMs: this.#dependencies.clock.epochMs() }
  }
}
