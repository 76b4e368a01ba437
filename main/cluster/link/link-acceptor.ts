import type { TLSSocket } from 'node:tls'
import type { WebSocket } from 'ws'
import type { Clock } from '../../platform/clock.ts'
import type { Log } from '../../platform/log/log.ts'
import { withinTime } from '../../platform/waiting/within-time.ts'
import { AppError } from '../../shared/app-error.ts'
import type { NodeId } from '../../shared/ids.ts'
import type { DialTargets } from './dialing/dial-targets.ts'
import { hostOf } from './dialing/host-of.ts'
import { greetAsAcceptor } from './greeting/greet-as-acceptor.ts'
import { greetingTimeout, parseGreeting } from './greeting/greeting.ts'
import { judgeConnection } from './greeting/judge-hello.ts'
import type { RefusalCode } from './greeting/link-frame.ts'
import type { OwnGreeting } from './greeting/own-greeting.ts'
import type { RefusalLog } from './greeting/refusal-log.ts'
import { isElsewhere } from './is-elsewhere.ts'
import type { LinkDialer } from './link-dialer.ts'
import { HANDSHAKE_LIMIT_MS } from './sockets/link-server.ts'
import type { ProvenPeer } from './sockets/secure-socket.ts'
import type { EstablishedLinks } from './established-links.ts'
import { FrameReader } from './streams/frame-reader.ts'

const MAX_PEERS = 1024

export interface LinkAcceptorDependencies {
  readonly nodeId: NodeId
  readonly targets: Pick<DialTargets, 'isHeldOff'>
  readonly refusals: RefusalLog
  readonly greeting: OwnGreeting
  readonly links: Pick<EstablishedLinks<never>, 'get' | 'standing' | 'size' | 'establish'>
  readonly dialer: Pick<LinkDialer, 'hasDial' | 'giveUp'>
  /** False while this node is the only member. */
  readonly takesLinks: () => boolean
  readonly clock: Clock
  readonly log: Log
}

/** Greets the nodes that dial this one. Each gets a link or the reason for its refusal. */
export class LinkAcceptor {
  readonly #deps: LinkAcceptorDependencies
  readonly #closing: AbortSignal

  constructor(dependencies: LinkAcceptorDependencies, closing: AbortSignal) {
    this.#deps = dependencies
    this.#closing = closing
  }

  /** @returns whether there is a link now */
  async accept(webSocket: WebSocket, socket: TLSSocket, peer: ProvenPeer): Promise<boolean> {
    const { nodeId, clock, log, greeting, links, refusals, targets } = this.#deps
    const frames = new FrameReader(webSocket)
    webSocket.on('error', (error) => log.debug('a connection failed', { nodeId: peer.nodeId, error }))
    try {
      const hello = parseGreeting(
        await withinTime((signal) => frames.first(signal), HANDSHAKE_LIMIT_MS, greetingTimeout, clock, this.#closing),
      )
      if (hello.type !== 'hello' || targets.isHeldOff(peer.nodeId, clock.now())) {
        webSocket.terminate()
        return false
      }
      const address = { host: hostOf(socket, ''), port: hello.peerPort }
      const isSelf = peer.nodeId === nodeId
      const isClone = isSelf
        ? hello.bootId !== undefined && hello.bootId !== greeting.bootId
        : await isElsewhere(links.get(peer.nodeId), hello.bootId, clock)
      const conversation = greeting.conversation(webSocket, frames, peer, address.host)
      const dialer = await withinTime(
        (signal) => greetAsAcceptor(conversation, hello, signal),
        HANDSHAKE_LIMIT_MS,
        greetingTimeout,
        clock,
        this.#closing,
      )
      const isTaken = this.#deps.takesLinks()
      const code = dialer.code ?? (!isTaken && !isSelf ? 'key-wrong' : isClone ? 'identity-in-use' : this.#admit(peer.nodeId))
      if (code !== null) {
        refusals.note(peer.nodeId, address, code, hello)
        dialer.refuse(code)
        return false
      }
      dialer.accept()
      links.establish(peer, hello, address, { webSocket, socket, frames, isDialer: false })
      return true
    } catch (error) {
      log.debug('a connection from another node failed', { nodeId: peer.nodeId, error })
      webSocket.terminate()
      return false
    }
  }

  /** Makes room for the node's connection, or returns the reason to refuse it. */
  #admit(peerId: NodeId): RefusalCode | null {
    const { nodeId, clock, links, dialer } = this.#deps
    if (peerId === nodeId) return 'self'
    const entry = links.standing(peerId)
    const link = entry ? { isOurDial: entry.isDialer, ageMs: clock.now() - entry.startedMs } : null
    switch (judgeConnection(nodeId, peerId, { link, hasDial: dialer.hasDial(peerId) })) {
      case 'refuse-duplicate':
        return 'duplicate'
      case 'replace-link':
        entry?.link.end({ code: 'replaced', message: 'the peer made a new link' })
        return null
      case 'replace-dial':
        dialer.giveUp(peerId, new AppError('dial-superseded', 'The other node was faster.'))
        return null
      case 'accept':
        return links.size >= MAX_PEERS ? 'too-many-peers' : null
    }
  }
}
