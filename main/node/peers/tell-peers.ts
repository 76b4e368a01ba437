import { isIP } from 'node:net'
import type { LinkedPeer } from '../../cluster/link/links.ts'
import { readInterfaceAddresses } from '../../discovery/peers/network-interface.ts'
import type { ReportedPeer } from '../../discovery/peers/start-discovery.ts'
import type { Clock } from '../../platform/clock.ts'
import type { NodeId } from '../../shared/ids.ts'
import type { PeerMessage } from '../../shared/wire/peer/peer-message.ts'
import { isPlausibleAddress } from './plausible-address.ts'

/** Repeated at this interval, because a message sent while the nodes cannot reach each other is lost. */
const TELL_EACH_MS = 30_000
const MAX_HOSTS = 16

export interface TellPeersDependencies {
  readonly links: {
    peers(): readonly LinkedPeer[]
    send(nodeId: NodeId, message: PeerMessage): boolean
    onPeer(listener: (peer: LinkedPeer) => void): void
    onMessage(listener: (from: NodeId, message: PeerMessage) => void): void
  }
  /** The addresses that a node reports. */
  addressesOf(nodeId: NodeId): readonly string[]
  report(peer: ReportedPeer): void
  readonly cluster: { readonly clusterName: string; readonly needsKey: boolean }
  readonly clock: Pick<Clock, 'every'>
}

/**
 * Sends every peer the addresses of the others, and passes on those that peers send: one known address is enough to
 * find a whole cluster.
 */
export function tellPeers({ links, addressesOf, report, cluster, clock }: TellPeersDependencies, signal: AbortSignal): void {
  const hostsFor = (to: LinkedPeer, { nodeId, address }: LinkedPeer): string[] => [
    // Two nodes that are both reached over loopback are on this machine.
    ...(isLoopback(to.address.host) && isLoopback(address.host) ? [address.host] : []),
    ...[address.host, ...addressesOf(nodeId)].filter(isReachableFromElsewhere),
  ]
  const tell = (to: LinkedPeer, peers: readonly LinkedPeer[]): void => {
    const told = peers
      .filter(({ nodeId }) => nodeId !== to.nodeId)
      .map((peer) => ({
        nodeId: peer.nodeId,
        nodeName: peer.nodeName,
        peerPort: peer.address.port,
        hosts: [...new Set(hostsFor(to, peer))].slice(0, MAX_HOSTS),
      }))
      .filter(({ hosts }) => hosts.length > 0)
    if (told.length > 0) links.send(to.nodeId, { type: 'peers-told', peers: told })
  }
  links.onPeer((peer) => {
    const peers = links.peers()
    for (const other of peers) tell(other, other.nodeId === peer.nodeId ? peers : [peer])
  })
  links.onMessage((from, message) => {
    if (message.type !== 'peers-told') return
    const peers = links.peers()
    const teller = peers.find(({ nodeId }) => nodeId === from)
    if (!teller) return
    const own = readInterfaceAddresses()
    const linked = new Set(peers.map(({ nodeId }) => nodeId))
    for (const { nodeId, nodeName, peerPort, hosts } of message.peers) {
      if (linked.has(nodeId)) continue
      for (const host of hosts.filter((told) => isPlausibleAddress(told, teller.address.host, own)))
        report({ nodeId, nodeName, ...cluster, version: null, totalBytes: null, host, peerPort })
    }
  })
  const tellAll = (): void => links.peers().forEach((peer) => tell(peer, links.peers()))
  clock.every(TELL_EACH_MS, tellAll, signal)
  tellAll()
}

/** Loopback and link-local addresses have another meaning on another machine. */
function isReachableFromElsewhere(host: string): boolean {
  return isIP(host) !== 0 && !isLoopback(host) && !/^(169\.254\.|fe80:)/i.test(host)
}

function isLoopback(host: string): boolean {
  return /^(::ffff:)?127\.|^::1$/i.test(host)
}
