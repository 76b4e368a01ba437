import type { PairingDesk } from '../../cluster/pairing/pairing-desk.ts'
import { AppError } from '../../shared/app-error.ts'
import type { JoinClusterRequest, Membership } from '../../shared/wire/api/membership.ts'
import { admissionOf, type ClusterChoice } from '../../domain/admission/cluster-choice.ts'
import { requireLongKey } from '../../shared/cluster-key-rule.ts'
import { addressesOfCluster, nearbyClusters } from '../peers/nearby-clusters.ts'
import type { SettingsStore } from '../files/node-settings.ts'
import type { ClusterMember } from './start-cluster-member.ts'

export interface ClusterMembershipDependencies {
  readonly settings: SettingsStore
  readonly desk: Pick<PairingDesk, 'view' | 'check' | 'start' | 'confirm' | 'cancel'>
  /** Called when a person at this machine joins a cluster: it asks the current members for admission, as after a start. */
  onJoin(): void
  /** Anyone can join clusters without a key. */
  readonly isOpen: boolean
  /** The cluster that this node returns to when it leaves another. */
  readonly own: ClusterChoice
  readonly log: {
    info(message: string, fields: Record<string, unknown>): void
    error(message: string, fields: Record<string, unknown>): void
  }
  /** @param peerPort - null: the configured one */
  startMember(choice: ClusterChoice, peerPort: number | null, signal: AbortSignal): Promise<ClusterMember>
  /** Neither the new cluster nor the previous one could be started. */
  onFailed(error: unknown): void
}

interface Standing {
  readonly member: ClusterMember
  readonly choice: ClusterChoice
  readonly ended: AbortController
}

/** The cluster that this node is a member of: one at a time, which the user can change. */
export class ClusterMembership {
  readonly #dependencies: ClusterMembershipDependencies
  readonly #signal: AbortSignal
  readonly #listeners = new Set<() => void>()
  #standing: Standing
  #apiPort: number | null = null
  #isSwitching = false
  #switch: Promise<void> | null = null

  private constructor(dependencies: ClusterMembershipDependencies, standing: Standing, signal: AbortSignal) {
    this.#dependencies = dependencies
    this.#standing = standing
    this.#signal = signal
    this.#forwardChanges()
  }

  static async start(dependencies: ClusterMembershipDependencies, choice: ClusterChoice, signal: AbortSignal): Promise<ClusterMembership> {
    return new ClusterMembership(dependencies, await begin(dependencies, choice, null, signal), signal)
  }

  /** The current member; while switching, the previous one with its last state. */
  member(): ClusterMember {
    return this.#standing.member
  }

  /** @throws AppError `cluster-switching` */
  serving(): { readonly member: ClusterMember; readonly ended: AbortSignal } {
    if (this.#isSwitching) throw new AppError('cluster-switching', 'This machine is joining another cluster. Try again in a moment.')
    return { member: this.#standing.member, ended: this.#standing.ended.signal }
  }

  choice(): ClusterChoice {
    return this.#standing.choice
  }

  /** Called after each change of the cluster's state or of the membership, until `signal` aborts. */
  onChange(listener: () => void, signal: AbortSignal): void {
    this.#listeners.add(listener)
    signal.addEventListener('abort', () => this.#listeners.delete(listener), { once: true })
  }

  changed(): void {
    for (const listener of [...this.#listeners]) listener()
  }

  view(): Membership {
    const { desk, own } = this.#dependencies
    const { clusterName } = this.choice()
    const admission = admissionOf(this.choice())
    const nearby = nearbyClusters(this.member().peers(), { clusterName, needsKey: admission === 'key' })
    const closed = this.member().admission?.view() ?? null
    return {
      clusterName,
      hasKey: admission !== 'open',
      admission,
      closed,
      ownClusterName: own.clusterName,
      isSwitching: this.#isSwitching,
      nearby,
      pairing: desk.view(),
    }
  }

  /** Joins a nearby cluster if it admits this node, or creates one of that name. @throws AppError `cluster-…` | `pairing-…` */
  async join({ clusterName, key = null }: JoinClusterRequest): Promise<void> {
    if (clusterName === this.#dependencies.own.clusterName && key === null) return this.leave()
    const addresses = addressesOfCluster(this.member().peers(), clusterName, key !== null)
    const isOpen = key === null && this.#dependencies.isOpen
    if (addresses.length > 0) await this.#dependencies.desk.check(addresses, clusterName, key, isOpen)
    else if (key !== null) requireLongKey(key)
    this.#dependencies.onJoin()
    await this.#change({ clusterName, clusterKey: key, isOpen })
    this.member().admission?.hurry()
  }

  /** Returns to this machine's own cluster. */
  async leave(): Promise<void> {
    const { admission } = this.member()
    await this.#change(this.#dependencies.own)
    await admission?.left()
  }

  /** Joins after pairing: the other machine has sent its key, so it admits this node. */
  joinPaired(choice: ClusterChoice): Promise<void> {
    return this.#change(choice)
  }

  /** @throws AppError `cluster-not-nearby` | `pairing-…` */
  async startPairing(clusterName: string): Promise<void> {
    const addresses = addressesOfCluster(this.member().peers(), clusterName, true)
    if (addresses.length === 0)
      throw new AppError('cluster-not-nearby', `No machine of the cluster '${clusterName}' was found on this network.`, { clusterName })
    await this.#dependencies.desk.start(addresses, clusterName)
  }

  setApiPort(port: number): void {
    this.#apiPort = port
    this.member().setApiPort(port)
  }

  async stop(): Promise<void> {
    await this.#switch?.catch(() => undefined) // reported to its caller
    await this.member().stop()
  }

  async #change(choice: ClusterChoice): Promise<void> {
    if (this.#isSwitching)
      throw new AppError('cluster-switching', 'This machine is already joining another cluster. Try again in a moment.')
    const { clusterName, clusterKey } = this.choice()
    if (choice.clusterName !== clusterName || choice.clusterKey !== clusterKey || choice.isOpen !== this.choice().isOpen) {
      this.#isSwitching = true
      this.changed()
      this.#switch = this.#replace(choice).finally(() => {
        this.#isSwitching = false
        this.changed()
      })
      await this.#switch
    }
    await this.#dependencies.settings.change({ cluster: { name: choice.clusterName, key: choice.clusterKey } })
  }

  async #replace(choice: ClusterChoice): Promise<void> {
    const { log, onFailed } = this.#dependencies
    const { member, choice: previous, ended } = this.#standing
    log.info('leaving the cluster for another', { from: previous.clusterName, to: choice.clusterName })
    ended.abort(new AppError('cluster-changed', 'This machine moved to another cluster during the answer. Try again.'))
    await member.stop()
    const enter = async (next: ClusterChoice): Promise<void> => {
      // The new member listens on the same port, where nodes that know this one by its address find it again.
      this.#standing = await begin(this.#dependencies, next, member.peerPort(), this.#signal)
      if (this.#apiPort !== null) this.#standing.member.setApiPort(this.#apiPort)
      this.#forwardChanges()
    }
    try {
      await enter(choice)
    } catch (error) {
      log.error('the cluster could not be joined; returning to the previous one', { error })
      await enter(previous).catch(onFailed)
      throw error
    }
  }

  #forwardChanges(): void {
    const { member, ended } = this.#standing
    member.control.onState(() => this.changed(), AbortSignal.any([this.#signal, ended.signal]))
  }
}

async function begin(
  dependencies: ClusterMembershipDependencies,
  choice: ClusterChoice,
  peerPort: number | null,
  signal: AbortSignal,
): Promise<Standing> {
  const ended = new AbortController()
  try {
    return { member: await dependencies.startMember(choice, peerPort, AbortSignal.any([signal, ended.signal])), choice, ended }
  } catch (error) {
    ended.abort(error)
    throw error
  }
}
