import type { TLSSocket } from 'node:tls'
import type { Clock } from '../../platform/clock.ts'
import type { Log } from '../../platform/log/log.ts'
import type { Random } from '../../platform/random.ts'
import { withinTime } from '../../platform/waiting/within-time.ts'
import type { AppError } from '../../shared/app-error.ts'
import { errorCode, errorMessage } from '../../shared/app-error.ts'
import type { NodeId } from '../../shared/ids.ts'
import type { NodeIdentity } from '../identity/open-identity.ts'
import type { DialTarget, DialTargets, KnownLink } from './dialing/dial-targets.ts'
import { hostOf } from './dialing/host-of.ts'
import { greetAsDialer } from './greeting/greet-as-dialer.ts'
import { greetingTimeout } from './greeting/greeting.ts'
import type { OwnGreeting } from './greeting/own-greeting.ts'
import type { RefusalLog } from './greeting/refusal-log.ts'
import { HANDSHAKE_LIMIT_MS } from './sockets/link-server.ts'
import { openWebSocket } from './sockets/open-web-socket.ts'
import { dialSecurely, provenPeerOf, SMALL_KEYS, type ProvenPeer } from './sockets/secure-socket.ts'
import type { EstablishedLinks } from './established-links.ts'
import type { LinkEntry } from './link-entry.ts'
import { FrameReader } from './streams/frame-reader.ts'

export interface LinkDialerDependencies {
  readonly identity: NodeIdentity
  readonly clusterName: string
  readonly targets: DialTargets
  readonly refusals: RefusalLog
  readonly greeting: OwnGreeting
  readonly links: Pick<EstablishedLinks<never>, 'has' | 'get' | 'standing' | 'establish'>
  readonly clock: Clock
  readonly random: Pick<Random, 'ratio'>
  readonly log: Log
}

/** Dials other nodes and greets them. The result of a dial is recorded in the targets and the refusals. */
export class LinkDialer {
  readonly #deps: LinkDialerDependencies
  readonly #closing: AbortSignal
  /** Dials whose other end has proven its identity, by node, with the controller that aborts them. */
  readonly #dials = new Map<NodeId, AbortController>()

  constructor(dependencies: LinkDialerDependencies, closing: AbortSignal) {
    this.#deps = dependencies
    this.#closing = closing
  }

  /** Whether a dial has reached this node and is greeting it. */
  hasDial(nodeId: NodeId): boolean {
    return this.#dials.has(nodeId)
  }

  giveUp(nodeId: NodeId, reason: AppError): void {
    this.#dials.get(nodeId)?.abort(reason)
  }

  /** Dials every target that is due. */
  dialDue(): void {
    const { clock, links, targets } = this.#deps
    for (const target of targets.take(clock.now(), (nodeId) => describeLink(links.get(nodeId)))) void this.#dial(target)
  }

  async #dial(target: DialTarget): Promise<void> {
    const { clock, random, log, targets } = this.#deps
    try {
      await withinTime((signal) => this.#connect(target, signal), HANDSHAKE_LIMIT_MS, greetingTimeout, clock, this.#closing)
    } catch (error) {
      log.debug('no link', { host: target.host, port: target.port, reason: errorMessage(error) })
      if (errorCode(error) === 'greeting-timeout') await this.#lookForNarrowPath(target)
      targets.failed(target, clock.now(), random.ratio())
    }
  }

  /** If a greeting stalls but a handshake of small packets succeeds, the path is at fault. */
  async #lookForNarrowPath(target: DialTarget): Promise<void> {
    const { clock, identity, clusterName, log, links, refusals } = this.#deps
    try {
      const nodeId = await withinTime(
        async (signal) => {
          const socket = await dialSecurely(target.host, target.port, identity, signal, SMALL_KEYS)
          try {
            return provenPeerOf(socket).nodeId
          } finally {
            socket.destroy()
          }
        },
        HANDSHAKE_LIMIT_MS,
        greetingTimeout,
        clock,
        this.#closing,
      )
      if (nodeId !== identity.nodeId && !links.has(nodeId)) refusals.noteNarrow(nodeId, target, clusterName)
    } catch (error) {
      log.debug('the address does not answer small packets either', { host: target.host, port: target.port, reason: errorMessage(error) })
    }
  }

  async #connect(target: DialTarget, signal: AbortSignal): Promise<void> {
    const { clock, identity, random, links, targets } = this.#deps
    const socket = await dialSecurely(target.host, target.port, identity, signal)
    try {
      const peer = provenPeerOf(socket)
      // The same identity at another machine's address is a clone of this node.
      if (peer.nodeId === identity.nodeId && socket.remoteAddress === socket.localAddress) targets.forget(target)
      else if (targets.isHeldOff(peer.nodeId, clock.now())) targets.refused(target, clock.now(), random.ratio())
      else if (links.standing(peer.nodeId) || this.#dials.has(peer.nodeId)) targets.succeeded(target, peer.nodeId, clock.now())
      else return await this.#greet(target, socket, peer, signal)
      socket.destroy()
    } catch (error) {
      socket.destroy()
      throw error
    }
  }

  /** The dialer's half of the greeting. Rejects if it fails. */
  async #greet(target: DialTarget, socket: TLSSocket, peer: ProvenPeer, limit: AbortSignal): Promise<void> {
    const { clock, random, greeting, links, refusals, targets } = this.#deps
    const giveUp = new AbortController()
    this.#dials.set(peer.nodeId, giveUp)
    try {
      const signal = AbortSignal.any([limit, giveUp.signal])
      const webSocket = await openWebSocket(socket, signal)
      const frames = new FrameReader(webSocket)
      const { code, answer } = await greetAsDialer(
        greeting.conversation(webSocket, frames, peer, hostOf(socket, target.host)),
        () => links.standing(peer.nodeId) !== undefined,
        signal,
      )
      if (code === 'self') return targets.forget(target)
      if (code === 'duplicate') return targets.succeeded(target, peer.nodeId, clock.now())
      if (code !== null) {
        refusals.note(peer.nodeId, target, code, answer)
        return targets.refused(target, clock.now(), random.ratio())
      }
      targets.succeeded(target, peer.nodeId, clock.now())
      links.establish(peer, answer, target, { webSocket, socket, frames, isDialer: true })
    } finally {
      this.#dials.delete(peer.nodeId)
    }
  }
}

function describeLink(entry: LinkEntry | undefined): KnownLink | null {
  return entry ? { host: entry.address.host, isQuiet: entry.link.isQuiet } : null
}
