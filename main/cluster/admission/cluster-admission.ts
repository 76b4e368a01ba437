import { adoptRecord, shareRecord, withMember, withoutMembers } from '../../domain/admission/cluster-record.ts'
import { type ClusterSecret, mergeSecrets } from '../../domain/admission/cluster-secret.ts'
import { type AdmissionAct, judgeNewcomer, type Stage, type Standing, type Ties } from '../../domain/admission/judge-newcomer.ts'
import { sayableName, WaitingNewcomers } from '../../domain/admission/waiting-newcomers.ts'
import { errorCode } from '../../shared/app-error.ts'
import { randomHex } from '../../platform/random-hex.ts'
import type { NodeId } from '../../shared/ids.ts'
import type { AdmissionCause, ClusterMemberRecord, ClusterRecord, SharedRecord } from '../../shared/wire/cluster-record.ts'
import type { ClosedClusterView } from '../../shared/wire/membership.ts'
import { withinTime } from '../../platform/within-time.ts'
import type { PeerAddress } from '../link/dial-targets.ts'
import type { PairingChannel } from '../pairing/pairing-channel.ts'
import { pairingError } from '../pairing/pairing-error.ts'
import type { PairingFrameOf, PairingRefusal } from '../pairing/pairing-frame.ts'
import type { ClusterAdmissionDependencies } from './admission-dependencies.ts'
import { type AdmissionSide, answerKnock, knock, type KnockingPeer, type KnockPath } from './exchange-knock.ts'
import { findByName } from './find-by-name.ts'
import { keyIdOf } from './key-id.ts'
import { KnockPace } from './knock-pace.ts'
import { KnockRounds } from './knock-rounds.ts'
import { SpokenFor } from './spoken-for.ts'

const TICK_MS = 100
const EXCHANGE_LIMIT_MS = 10_000
/** Of two that find each other at once, one knocks first. */
const SECOND_KNOCK_MS = 700

/** Who gets into a closed cluster, seen from one member: it knocks at those whom no link took, and answers those who knock. */
export class ClusterAdmission implements AdmissionSide {
  readonly clusterName: string
  readonly nodeName: string
  readonly #dependencies: ClusterAdmissionDependencies
  readonly #signal: AbortSignal
  readonly #waiting = new WaitingNewcomers()
  readonly #rounds = new KnockRounds()
  readonly #pace = new KnockPace()
  readonly #spokenFor: SpokenFor

  constructor(dependencies: ClusterAdmissionDependencies, signal: AbortSignal) {
    const { links, clock } = dependencies
    this.clusterName = dependencies.clusterName
    this.nodeName = dependencies.nodeName
    this.#dependencies = dependencies
    this.#signal = signal
    this.#spokenFor = new SpokenFor(clock)
    links.onRefused((nodeId, address, code) => {
      if (code !== 'key-wrong' && code !== 'key-missing') return
      this.#rounds.seen(nodeId, address, clock.now(), dependencies.identity.nodeId < nodeId ? 0 : SECOND_KNOCK_MS)
      this.#knockAtDoors()
    })
    links.onPeer(({ nodeId, nodeName }) => this.#linked(nodeId, nodeName))
    clock.every(TICK_MS, () => this.#knockAtDoors(), signal)
  }

  /** Whether anybody else can hold the secret. */
  readonly hasMembers = (): boolean => this.#record().members.length > 0
  readonly peerPort = (): number => this.#dependencies.peerPort()

  share(): SharedRecord {
    const { identity, nodeName } = this.#dependencies
    return shareRecord(this.#record(), { nodeId: identity.nodeId, name: sayableName(nodeName) }, this.#stage() === 'settled')
  }

  standing(peerId: NodeId): Standing {
    const { lineage, secret } = this.#record()
    return { stage: this.#stage(), lineage, keyId: keyIdOf(secret), isJustStarted: this.#dependencies.window?.isOpen() ?? false, hasAdmitted: this.#spokenFor.isAdmitted(peerId) }
  }

  refuses({ nodeId, standing }: KnockingPeer): PairingRefusal | null {
    if (this.#spokenFor.isAdmitted(nodeId)) return null
    if (this.#spokenFor.isRefused(nodeId)) return 'declined'
    const { removed, lineage, members } = this.#record()
    const isMember = members.some((member) => member.nodeId === nodeId)
    return standing.lineage === lineage && removed.includes(nodeId) && !isMember ? 'put-out' : null
  }

  judge(peer: KnockingPeer): AdmissionAct {
    const { window } = this.#dependencies
    if (window?.isAsking() && this.#stage() === 'solo') this.#spokenFor.ask(peer.nodeId)
    return judgeNewcomer(this.standing(peer.nodeId), peer.standing, this.#ties(peer))
  }

  async take(peer: KnockingPeer, offered: SharedRecord): Promise<SharedRecord | null> {
    const { random, identity, clock } = this.#dependencies
    const act = this.judge(peer)
    const isAsSaid = offered.lineage === peer.standing.lineage && keyIdOf(offered.secret) === peer.standing.keyId
    if (!isAsSaid || (act !== 'take' && act !== 'compare')) throw pairingError('declined')
    const own = this.#record()
    const merge = act === 'take' ? 'adopt' : mergeSecrets(secretOf(own), secretOf(offered))
    if (merge === 'keep') return this.share()
    if (merge === 'same') return null
    const adopted = adoptRecord(own, offered, identity.nodeId, clock.epochMs(), this.#stage() === 'forming')
    if (merge === 'renew') {
      await this.#change(withoutMembers(adopted, own.removed, randomHex(random, 32)))
      return this.share()
    }
    const cause = act === 'compare' ? 'comes-back' : this.#causeOf(peer)
    if (act === 'take') this.#dependencies.onGoneOver()
    await this.#change(withMember(adopted, this.#memberOf(peer, cause)))
    if (act === 'take') this.#notice('this machine was let into the cluster', peer, cause)
    return null
  }

  given(peer: KnockingPeer, shared: SharedRecord): void {
    // It was put out, or this node went over to another cluster, while it took what it was given.
    if (shared.secret !== this.#record().secret) return
    const isNew = !this.#record().members.some(({ nodeId }) => nodeId === peer.nodeId)
    const cause = this.#causeOf(peer)
    this.#done(peer.nodeId)
    this.#change(withMember(this.#record(), this.#memberOf(peer, cause))).catch((error: unknown) => this.#dependencies.log.error('a member could not be noted', { error }))
    if (isNew) this.#notice('a machine was let into the cluster', peer, cause)
  }

  waits(peer: KnockingPeer, act: AdmissionAct): void {
    const { clock, onChange, log } = this.#dependencies
    const { nodeId, name, address } = peer
    if (this.#spokenFor.isRefused(nodeId)) return
    const isNew = this.#waiting.heard({ nodeId, name, address, waitsFor: act === 'wait' ? 'this-side' : 'other-side' }, clock.epochMs())
    if (isNew && act === 'wait') log.info('a machine wants to join: exo members', { name: sayableName(name), nodeId, address: address.host })
    if (isNew) onChange()
  }

  /** A knock of another node at this one's door. Rejects where it came to nothing. */
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

  /** The person at this machine lets one in that waits. @throws AppError `newcomer-unknown` | `name-ambiguous` */
  admit(name: string): NodeId {
    const { clock, onChange } = this.#dependencies
    const { nodeId, address } = findByName(this.#waiting.list(clock.epochMs()), name, 'newcomer-unknown')
    this.#spokenFor.admit(nodeId)
    this.#rounds.seen(nodeId, address, clock.now())
    this.#rounds.hurry(clock.now(), nodeId)
    onChange()
    return nodeId
  }

  /** Nothing more is heard of it while this node runs. @throws as `admit` */
  refuse(name: string): NodeId {
    const { nodeId } = findByName(this.#waiting.list(this.#dependencies.clock.epochMs()), name, 'newcomer-unknown')
    this.#spokenFor.refuse(nodeId)
    this.#waiting.forget(nodeId)
    this.#dependencies.onChange()
    return nodeId
  }

  /** Puts a member out: the others get a new secret. @throws AppError `member-unknown` | `name-ambiguous` */
  async remove(name: string): Promise<NodeId> {
    const { random, window, links, clock, log } = this.#dependencies
    const { nodeId, name: removedName } = findByName(this.#record().members, name, 'member-unknown')
    window?.shut()
    this.#spokenFor.forget(nodeId)
    await this.#change(withoutMembers(this.#record(), [nodeId], randomHex(random, 32)))
    for (const peer of links.peers()) this.#rounds.seen(peer.nodeId, peer.address, clock.now())
    this.#rounds.hurry(clock.now())
    log.info('a machine was put out of the cluster', { name: removedName, nodeId })
    return nodeId
  }

  /** It has the secret by another way, such as the six digits. */
  async note(nodeId: NodeId, name: string, cause: AdmissionCause): Promise<void> {
    await this.#change(withMember(this.#record(), { nodeId, name: sayableName(name), cause, admittedAtMs: this.#dependencies.clock.epochMs() }))
  }

  view(): ClosedClusterView {
    const { links, clock, window } = this.#dependencies
    const linked = new Set(links.peers().map(({ nodeId }) => nodeId))
    const { members, removed } = this.#record()
    return {
      members: members.map((member) => ({ ...member, isLinked: linked.has(member.nodeId) })),
      waiting: this.#waiting.list(clock.epochMs()).map(({ nodeId, name, address, sinceMs, waitsFor }) => ({
        nodeId, name, address: address.host, sinceMs, waitsFor: this.#spokenFor.isAdmitted(nodeId) ? 'other-side' : waitsFor, wasRemoved: removed.includes(nodeId),
      })),
      isWindowOpen: window?.isOpen() ?? false,
    }
  }

  #knockAtDoors(): void {
    const { clock, links } = this.#dependencies
    const isMember = new Set(links.peers().map(({ nodeId }) => nodeId))
    const { secret } = this.#record()
    for (const { nodeId, address } of this.#rounds.take(clock.now())) {
      void this.#knock(nodeId, address).then((isAnswered) => {
        if (isAnswered && isMember.has(nodeId) && secret === this.#record().secret) this.#rounds.forget(nodeId)
      })
    }
  }

  async #knock(nodeId: NodeId, address: PeerAddress): Promise<boolean> {
    const { clock, random, dial, log } = this.#dependencies
    const exchange = async (signal: AbortSignal): Promise<void> => {
      const { channel, path } = await dial(address, signal)
      try {
        if (path.nodeId === nodeId) await knock(channel, path, this, signal)
      } finally {
        channel.close()
      }
    }
    try {
      await withinTime(exchange, EXCHANGE_LIMIT_MS, () => pairingError('timed-out'), clock, this.#signal)
      this.#rounds.knocked(nodeId, 'answered', clock.now(), random.ratio())
      return true
    } catch (error) {
      const code = errorCode(error)
      if (code === 'pairing-put-out') await this.#wasPutOut(nodeId)
      const isRefused = code.startsWith('cluster-key-') || code === 'pairing-declined' || code === 'pairing-no-key'
      this.#rounds.knocked(nodeId, isRefused ? 'refused' : 'failed', clock.now(), random.ratio())
      log.debug('a knock came to nothing', { nodeId, host: address.host, code })
      return false
    }
  }

  /** A member says so: this node is alone again, under a secret of its own. */
  async #wasPutOut(by: NodeId): Promise<void> {
    const { store, window, log } = this.#dependencies
    if (!this.#record().members.some(({ nodeId }) => nodeId === by)) return
    window?.shut()
    log.warn('this machine was put out of the cluster', { by })
    await this.#change(store.fresh())
  }

  #linked(nodeId: NodeId, nodeName: string): void {
    const isKnown = this.#record().members.some((member) => member.nodeId === nodeId)
    this.#done(nodeId)
    if (!isKnown) this.note(nodeId, nodeName, 'told').catch((error: unknown) => this.#dependencies.log.error('a member could not be noted', { error }))
  }

  #done(nodeId: NodeId): void {
    this.#waiting.forget(nodeId)
    this.#rounds.forget(nodeId)
    this.#spokenFor.forget(nodeId)
  }

  async #change(next: ClusterRecord): Promise<void> {
    const { store, links, onChange, clock } = this.#dependencies
    const before = this.#record()
    const kept = store.change(next)
    if (next.secret !== before.secret) {
      await links.rekey(next.secret)
      const members = new Set(next.members.map(({ nodeId }) => nodeId))
      // Links to former members are cut. Those who stay learn the new secret by a knock, even over a link that stands.
      for (const peer of links.peers()) {
        if (!members.has(peer.nodeId)) links.cut(peer.nodeId)
        else this.#rounds.seen(peer.nodeId, peer.address, clock.now())
      }
      this.#rounds.hurry(clock.now())
    } else links.retryRefused()
    onChange()
    return kept
  }

  #record(): ClusterRecord {
    return this.#dependencies.store.current()
  }

  #stage(): Stage {
    const { members, isSettled } = this.#record()
    if (isSettled) return 'settled'
    if (members.length === 0) return 'solo'
    return this.#dependencies.window?.isOpen() ? 'forming' : 'settled'
  }

  #ties({ nodeId, isNeighbour, isOnCable }: KnockingPeer): Ties {
    const { members, removed } = this.#record()
    const isMember = members.some((member) => member.nodeId === nodeId)
    const isAsked = this.#spokenFor.isAsked(nodeId) && (this.#dependencies.window?.awaitsAnswers() ?? false)
    return { isMember, isRemoved: removed.includes(nodeId) && !isMember, isAsked, isOnCable, isNeighbour }
  }

  #causeOf(peer: KnockingPeer): AdmissionCause {
    if (this.#record().members.some(({ nodeId }) => nodeId === peer.nodeId)) return 'comes-back'
    if (this.#spokenFor.isAdmitted(peer.nodeId) || peer.standing.hasAdmitted) return 'admitted'
    return peer.isOnCable ? 'cable' : 'just-started'
  }

  #memberOf({ nodeId, name }: KnockingPeer, cause: AdmissionCause): ClusterMemberRecord {
    return { nodeId, name: sayableName(name), cause, admittedAtMs: this.#dependencies.clock.epochMs() }
  }

  #notice(message: string, { nodeId, name, address }: KnockingPeer, cause: AdmissionCause): void {
    const told = sayableName(name)
    this.#dependencies.log.info(message, { name: told, nodeId, address: address.host, cause, undo: `exo remove ${/^[\w.-]+$/.test(told) ? told : nodeId}` })
  }
}

function secretOf({ lineage, secret, removed }: ClusterRecord | SharedRecord): ClusterSecret {
  return { lineage, secret, keyId: keyIdOf(secret), removed }
}
