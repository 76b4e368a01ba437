import type { Stage, Standing, Ties } from '../../domain/admission/judge-newcomer.ts'
import type { NodeId } from '../../shared/ids.ts'
import type { AdmissionCause, ClusterRecord } from '../../shared/wire/peer/cluster-record.ts'
import type { ClusterAdmissionDependencies } from './admission-dependencies.ts'
import type { KnockingPeer } from './exchange-knock.ts'
import { keyIdOf } from './key-id.ts'
import type { SpokenFor } from './spoken-for.ts'

interface AdmissionFactsDependencies extends Pick<ClusterAdmissionDependencies, 'store' | 'window'> {
  readonly spokenFor: SpokenFor
}

/** What this node knows about itself and a peer when they meet: from its record, its admission window and its user's word. */
export class AdmissionFacts {
  readonly #dependencies: AdmissionFactsDependencies

  constructor(dependencies: AdmissionFactsDependencies) {
    this.#dependencies = dependencies
  }

  stage(): Stage {
    const { members, isSettled } = this.#record()
    if (isSettled) return 'settled'
    if (members.length === 0) return 'solo'
    return this.#dependencies.window?.isOpen() ? 'forming' : 'settled'
  }

  standing(peerId: NodeId): Standing {
    const { window, spokenFor } = this.#dependencies
    const { lineage, secret } = this.#record()
    return {
      stage: this.stage(),
      lineage,
      keyId: keyIdOf(secret),
      isJustStarted: window?.isOpen() ?? false,
      hasAdmitted: spokenFor.isAdmitted(peerId),
    }
  }

  /**
   * The standing that the peer is told. A settled cluster has already admitted the members in its record. A member that
   * has lost its own record therefore needs only the confirmation of the person there.
   */
  standingTold(peerId: NodeId): Standing {
    const own = this.standing(peerId)
    return { ...own, hasAdmitted: own.hasAdmitted || (own.stage === 'settled' && this.#isMember(peerId)) }
  }

  ties({ nodeId, isNeighbour, isOnCable }: KnockingPeer): Ties {
    const { window, spokenFor } = this.#dependencies
    const isMember = this.#isMember(nodeId)
    const isAsked = spokenFor.isAsked(nodeId) && (window?.awaitsAnswers() ?? false)
    const hasFollowedEnough = window?.hasFollowedEnough() ?? true
    const isRemoved = this.#record().removed.includes(nodeId) && !isMember
    return { isMember, isRemoved, isAsked, isOnCable, isNeighbour, hasFollowedEnough }
  }

  /** Why the peer is admitted. */
  causeOf(peer: KnockingPeer): AdmissionCause {
    if (this.#isMember(peer.nodeId)) return 'comes-back'
    if (this.#dependencies.spokenFor.isAdmitted(peer.nodeId) || peer.standing.hasAdmitted) return 'admitted'
    return peer.isOnCable ? 'cable' : 'just-started'
  }

  #isMember(peerId: NodeId): boolean {
    return this.#record().members.some(({ nodeId }) => nodeId === peerId)
  }

  #record(): ClusterRecord {
    return this.#dependencies.store.current()
  }
}
