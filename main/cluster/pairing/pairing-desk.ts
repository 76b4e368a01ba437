import type { TLSSocket } from 'node:tls'
import type { WebSocket } from 'ws'
import type { Clock } from '../../platform/clock.ts'
import type { Log } from '../../platform/log/log.ts'
import type { Random } from '../../platform/random.ts'
import { withinTime } from '../../platform/waiting/within-time.ts'
import { AppError, errorMessage } from '../../shared/app-error.ts'
import type { SharedRecord } from '../../shared/wire/peer/cluster-record.ts'
import type { PairingView } from '../../shared/wire/api/membership.ts'
import type { NodeId } from '../../shared/ids.ts'
import type { KnockPath } from './knock-path.ts'
import type { NodeIdentity } from '../identity/open-identity.ts'
import { deriveClusterKey } from '../key-exchange/cluster-key.ts'
import type { PeerAddress } from '../link/dialing/dial-targets.ts'
import { hostOf } from '../link/dialing/host-of.ts'
import { SlowGuesses } from '../../domain/admission/slow-guesses.ts'
import type { ProvenPeer } from '../link/sockets/secure-socket.ts'
import { admitPairing, type PairingAttempt } from './admit-pairing.ts'
import { answerKeyCheck, checkKey, type KeyCheckSide, refuseKeyCheck } from './check-key.ts'
import { dialPairing, type PairingConnection } from './dial-pairing.ts'
import { askForKey, type DigitsExchange, type GivenKey, giveKey } from './exchange-digits.ts'
import { PairingChannel } from './pairing-channel.ts'
import { pairingError } from './pairing-error.ts'
import { PAIRING_PROTOCOL, type PairingFrameOf, type PairingRefusal } from './pairing-frame.ts'
import { PairingSession } from './pairing-session.ts'

/** Time to walk from one machine to the other. */
const CONFIRM_LIMIT_MS = 2 * 60_000
const FIRST_FRAME_LIMIT_MS = 10_000
const CONNECT_LIMIT_MS = 15_000
/** Unauthenticated connections that may be open at the same time. */
const MOST_CONNECTIONS = 16
const MOST_CONNECTIONS_OF_ONE = 4

/** `record`: present for a cluster that admits only its members; its secret is then the key. */
export interface PairingMembership {
  readonly clusterName: string
  readonly clusterKey: string | null
  readonly record: SharedRecord | null
  /** Anyone can join. */
  readonly isOpen: boolean
}

/** Handles knocks of newcomers; null if this node's cluster has a chosen key or is open. */
export type KnockHandler = ((channel: PairingChannel, path: KnockPath, frame: PairingFrameOf<'knock'>) => Promise<void>) | null

export interface PairingDeskDependencies {
  readonly identity: NodeIdentity
  readonly nodeName: string
  /** The current cluster of this node. */
  membership(): PairingMembership
  /** The other machine has sent its cluster's key: this one joins. */
  onKey(cluster: { readonly clusterName: string } & GivenKey): Promise<void>
  /** This machine has sent its cluster's key to another; both people have confirmed. */
  onGiven(nodeId: NodeId, nodeName: string): Promise<void>
  onChange(): void
  /** The path of a connection. */
  pathOf(socket: TLSSocket): Omit<KnockPath, 'nodeId'>
  readonly clock: Clock
  readonly random: Random
  readonly log: Pick<Log, 'info' | 'debug' | 'warn'>
}

/** Pairs with one other machine at a time, whichever of the two started. */
export class PairingDesk {
  readonly #dependencies: PairingDeskDependencies
  readonly #signal: AbortSignal
  #session: PairingSession | null = null
  #attempts: readonly PairingAttempt[] = []
  readonly #guesses = new SlowGuesses()
  /** Open connections of each machine. */
  readonly #shares = new Map<string, number>()
  #connections = 0
  #derived: { readonly clusterName: string; readonly clusterKey: string; readonly key: Promise<Buffer> } | null = null

  constructor(dependencies: PairingDeskDependencies, signal: AbortSignal) {
    this.#dependencies = dependencies
    this.#signal = signal
  }

  view(): PairingView | null {
    return this.#session?.view() ?? null
  }

  /** Resolves if the cluster at these addresses would admit this node with this key. @throws as `dialPairing`, `checkKey` */
  check(addresses: readonly PeerAddress[], clusterName: string, clusterKey: string | null, isOpen?: boolean): Promise<void> {
    const check = async (signal: AbortSignal): Promise<void> =>
      checkKey(
        await dialPairing(addresses, this.#dependencies.identity, signal),
        clusterName,
        clusterKey,
        isOpen,
        this.#keyCheckSide(),
        signal,
      )
    return withinTime(check, CONNECT_LIMIT_MS, unreachable, this.#dependencies.clock, this.#signal)
  }

  /**
   * Asks a node of a cluster for its key. Resolves when the digits can be compared.
   * @throws AppError `pairing-…` | `cluster-unreachable`
   */
  async start(addresses: readonly PeerAddress[], clusterName: string): Promise<void> {
    const { identity, clock, onKey } = this.#dependencies
    const session = this.#open('joiner', clusterName)
    await session.run(async () => {
      const connection = await withinTime(
        (signal) => dialPairing(addresses, identity, signal),
        CONNECT_LIMIT_MS,
        unreachable,
        clock,
        session.signal,
      )
      session.closeWith(connection.channel)
      const askers = withinTime(
        (signal) => askForKey(this.#exchange(session, connection), clusterName, signal),
        CONFIRM_LIMIT_MS,
        () => pairingError('timed-out'),
        clock,
        session.signal,
      )
      session.finish(askers.then((given) => onKey({ clusterName, ...given })))
      await session.digitsShown
    })
  }

  /** A connection of another node to the pairing path. */
  accept(webSocket: WebSocket, socket: TLSSocket, peer: ProvenPeer, onKnock: KnockHandler = null): void {
    const channel = new PairingChannel(webSocket)
    const machine = hostOf(socket, '')
    const share = this.#shares.get(machine) ?? 0
    if (this.#connections >= MOST_CONNECTIONS || share >= MOST_CONNECTIONS_OF_ONE) return channel.refuse('busy')
    this.#connections += 1
    this.#shares.set(machine, share + 1)
    webSocket.once('close', () => {
      this.#connections -= 1
      const left = (this.#shares.get(machine) ?? 1) - 1
      if (left > 0) this.#shares.set(machine, left)
      else this.#shares.delete(machine)
    })
    this.#answer({ channel, peer }, socket, onKnock).catch((error: unknown) => {
      this.#dependencies.log.debug('a pairing failed', { nodeId: peer.nodeId, reason: errorMessage(error) })
      channel.close()
    })
  }

  /** The user of this machine confirms that the digits match. @throws AppError `no-pairing` */
  confirm(): void {
    const session = this.#session
    if (session?.view().status !== 'comparing')
      throw new AppError('no-pairing', 'The pairing has ended, so there are no digits to confirm.')
    session.confirm()
  }

  /** Ends the pairing, or clears one that has ended. */
  cancel(): void {
    this.#session?.cancel()
    this.#session = null
    this.#dependencies.onChange()
  }

  async #answer({ channel, peer }: PairingConnection, socket: TLSSocket, onKnock: KnockHandler): Promise<void> {
    const { clock, pathOf } = this.#dependencies
    const machine = hostOf(socket, '')
    const frame = await withinTime(
      (signal) => channel.receiveAny(signal),
      FIRST_FRAME_LIMIT_MS,
      () => pairingError('timed-out'),
      clock,
      this.#signal,
    )
    if (frame.type === 'request') return this.#host({ channel, peer }, frame, machine)
    if (frame.type === 'knock')
      return onKnock
        ? onKnock(channel, { nodeId: peer.nodeId, ...pathOf(socket) }, frame)
        : channel.refuse(this.#dependencies.membership().clusterKey === null ? 'no-key' : 'key-missing')
    if (frame.type !== 'key-check') return channel.refuse('broken')
    await this.#checkKey({ channel, peer }, frame, machine)
  }

  async #checkKey({ channel, peer }: PairingConnection, frame: PairingFrameOf<'key-check'>, machine: string): Promise<void> {
    const { clock, log } = this.#dependencies
    const { clusterName, clusterKey, record, isOpen } = this.#dependencies.membership()
    // The members' secret is never typed: a node without a key knocks instead.
    const derivedKey = clusterKey === null || record !== null ? null : await this.#derivedKey(clusterName, clusterKey)
    const code = refuseKeyCheck(frame, { clusterName, hasKey: derivedKey !== null, isOpen })
    if (code !== null) return channel.refuse(code)
    if (derivedKey === null || !frame.keyShare) return this.#fits(channel, null)
    if (this.#guesses.waitMs(machine, clock.now()) > 0) return channel.refuse('too-many-attempts')
    const answer = (signal: AbortSignal): Promise<string | null> =>
      answerKeyCheck(channel, peer, frame.keyShare!, { clusterName, derivedKey }, this.#keyCheckSide(), signal)
    const keyProof = await withinTime(answer, FIRST_FRAME_LIMIT_MS, () => pairingError('timed-out'), clock, this.#signal)
    // There may have been guesses from that address in the meantime.
    if (this.#guesses.waitMs(machine, clock.now()) > 0) return channel.refuse('too-many-attempts')
    if (keyProof !== null) {
      this.#guesses.forgive(machine)
      return this.#fits(channel, keyProof)
    }
    const misses = this.#guesses.missed(machine, clock.now())
    log.warn('wrong cluster key', { nodeId: peer.nodeId, address: machine, misses })
    channel.refuse('key-wrong')
  }

  #fits(channel: PairingChannel, keyProof: string | null): void {
    channel.send({ type: 'key-fits', keyProof })
    channel.close()
  }

  #keyCheckSide(): KeyCheckSide {
    const { identity, random } = this.#dependencies
    return { selfId: identity.nodeId, scalarBytes: random.bytes(32) }
  }

  async #host(connection: PairingConnection, request: PairingFrameOf<'request'>, machine: string): Promise<void> {
    const { clock, log, membership, onGiven } = this.#dependencies
    const { clusterKey, record } = membership()
    const code = this.#admit(request, machine)
    if (code !== null || clusterKey === null) return connection.channel.refuse(code ?? 'no-key')
    const session = this.#open('host', request.clusterName)
    session.closeWith(connection.channel)
    log.info('another machine requests the cluster key', { nodeId: connection.peer.nodeId, nodeName: request.nodeName })
    session.finish(
      withinTime(
        (signal) => giveKey(this.#exchange(session, connection), request, { clusterKey, record }, signal),
        CONFIRM_LIMIT_MS,
        () => pairingError('timed-out'),
        clock,
        session.signal,
      ).then(() => onGiven(connection.peer.nodeId, request.nodeName)),
    )
  }

  #admit(request: PairingFrameOf<'request'>, machine: string): PairingRefusal | null {
    const { membership, clock } = this.#dependencies
    if (request.protocol !== PAIRING_PROTOCOL) return 'other-protocol'
    if (request.clusterName !== membership().clusterName) return 'other-cluster'
    if (membership().clusterKey === null) return 'no-key'
    if (this.#session?.isOpen()) return 'busy'
    const { isAdmitted, attempts } = admitPairing(this.#attempts, machine, clock.now())
    this.#attempts = attempts
    if (!isAdmitted) this.#dependencies.log.warn('a machine requests pairing too often', { address: machine })
    return isAdmitted ? null : 'too-many-attempts'
  }

  #open(role: PairingView['role'], clusterName: string): PairingSession {
    if (this.#session?.isOpen()) throw new AppError('pairing-busy', 'This machine is already pairing. Cancel that first.')
    const { random, onChange } = this.#dependencies
    this.#session = new PairingSession({ pairingId: random.id('pairing'), role, clusterName }, onChange, this.#signal)
    onChange()
    return this.#session
  }

  #exchange(session: PairingSession, { channel, peer }: PairingConnection): DigitsExchange {
    const { random, nodeName } = this.#dependencies
    const onDigits = (digits: string, peerName: string): void => session.show(digits, peerName)
    return {
      channel,
      channelBinding: peer.channelBinding,
      nonce: Buffer.from(random.bytes(32)),
      nodeName,
      onDigits,
      confirmed: session.confirmed,
    }
  }

  /** Slow on purpose, so it is derived once per key, however often a key check asks for it. */
  #derivedKey(clusterName: string, clusterKey: string): Promise<Buffer> {
    if (this.#derived?.clusterName !== clusterName || this.#derived.clusterKey !== clusterKey) {
      this.#derived = { clusterName, clusterKey, key: deriveClusterKey(clusterKey, clusterName) }
    }
    return this.#derived.key
  }
}

function unreachable(): AppError {
  return new AppError(
    'cluster-unreachable',
    'No machine of that cluster answered in time. Check that exo is running there and on this network.',
  )
}
