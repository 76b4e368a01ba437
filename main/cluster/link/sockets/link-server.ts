import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { WebSocketServer, type WebSocket } from 'ws'
import { spareDescriptors } from '../../../platform/processes/spare-descriptors.ts'
import { AppError } from '../../../shared/app-error.ts'
import type { NodeId } from '../../../shared/ids.ts'
import type { NodeIdentity } from '../../identity/open-identity.ts'
import { provenPeerOf, secureOptions, type ProvenPeer } from './secure-socket.ts'
import { LARGE_PACKETS_PATH } from './large-packet-limits.ts'
import { limitShares } from './limit-shares.ts'
import { serveLargePackets } from './serve-large-packets.ts'
import { serveThroughput } from './serve-throughput.ts'
import { THROUGHPUT_PATH } from './throughput-limits.ts'
import { webSocketOptions } from './web-socket-options.ts'

/** Time limit of each of TLS, the WebSocket handshake and the hello. */
export const HANDSHAKE_LIMIT_MS = 10_000
const MAX_CONNECTIONS = 2048
const FEWEST_CONNECTIONS = 8
/** Maximum connections per address: far more than a node and its pairing need. */
const MAX_CONNECTIONS_OF_ONE = 64
/** The path for nodes of different clusters; every other connection is a link. */
export const PAIRING_PATH = '/pair'

export interface LinkServer {
  readonly port: number
  close(): Promise<void>
}

export type AcceptConnection = (webSocket: WebSocket, socket: TLSSocket, peer: ProvenPeer) => void
/** Resolves to whether there is a link now. */
export type AcceptLink = (...connection: Parameters<AcceptConnection>) => Promise<boolean>

/**
 * Listens for other nodes, on both IPv6 and IPv4 if `host` is null.
 * @throws AppError `peer-port-in-use`
 */
export async function openLinkServer(
  identity: NodeIdentity,
  listen: { host: string | null; port: number },
  accept: {
    readonly link: AcceptLink
    readonly pairing?: AcceptConnection | undefined
    readonly isLinked: (nodeId: NodeId) => boolean
  },
): Promise<LinkServer> {
  const webSockets = new WebSocketServer({ ...webSocketOptions, noServer: true })
  const server = createServer({
    ...secureOptions(identity),
    requestCert: true,
    handshakeTimeout: HANDSHAKE_LIMIT_MS,
    headersTimeout: HANDSHAKE_LIMIT_MS,
    requestTimeout: HANDSHAKE_LIMIT_MS,
    // The accuracy of both limits above; the default is half a minute.
    connectionsCheckingInterval: HANDSHAKE_LIMIT_MS / 4,
    maxHeaderSize: 4096,
  })
  /** Secured connections before their sockets: the last ones are still in their handshake. */
  const [secured, sockets] = [new Set<Duplex>(), new Set<Duplex>()]
  const keepIn = (open: Set<Duplex>, socket: Duplex): void => {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
  }
  let isClosing = false
  const shares = limitShares(server, { mostOfOne: MAX_CONNECTIONS_OF_ONE, mostOfAll: mostConnections(spareDescriptors()) })
  server.on('connection', (socket) => keepIn(sockets, socket))
  server.on('secureConnection', (socket) => {
    keepIn(secured, socket)
    socket.setNoDelay(true)
    socket.on('error', () => socket.destroy())
    if (isClosing) socket.destroy()
  })
  const sendZeros = serveThroughput(accept.isLinked)
  const exchangePadding = serveLargePackets(accept.isLinked)
  server.on('request', (request, response) => {
    if (request.url === THROUGHPUT_PATH) sendZeros(request, response)
    else if (request.url === LARGE_PACKETS_PATH) exchangePadding(request, response)
    else response.writeHead(426, { connection: 'close' }).end('This port is for exo nodes.\n')
  })
  server.on('upgrade', (request, stream, head) => {
    const socket = stream as TLSSocket
    try {
      const peer = provenPeerOf(socket)
      const { remoteAddress, remotePort } = socket
      const keep = (): void => shares.keep({ remoteAddress, remotePort })
      const isPairing = request.url === PAIRING_PATH
      if (isPairing && !accept.pairing) return void socket.destroy()
      webSockets.handleUpgrade(request, socket, head, (webSocket) => {
        if (!isPairing) return void accept.link(webSocket, socket, peer).then((isLink) => isLink && keep())
        // Pairing has limits of its own.
        keep()
        accept.pairing?.(webSocket, socket, peer)
      })
    } catch {
      socket.destroy()
    }
  })
  await listenOn(server, listen)
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        isClosing = true
        server.close(() => resolve())
        for (const socket of [...secured, ...sockets]) socket.destroy()
      }),
  }
}

/** Half of what this process may still open: strangers who knock must leave some for everything else. */
function mostConnections(spare: number): number {
  return Math.max(FEWEST_CONNECTIONS, Math.min(MAX_CONNECTIONS, Math.floor(spare / 2)))
}

async function listenOn(server: ReturnType<typeof createServer>, { host, port }: { host: string | null; port: number }): Promise<void> {
  const tryHost = (candidate: string): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host: candidate, port }, () => {
        server.off('error', reject)
        resolve()
      })
    })
  try {
    // A machine with IPv6 switched off has no `::`.
    await tryHost(host ?? '::').catch((error: NodeJS.ErrnoException) =>
      host === null && error.code === 'EAFNOSUPPORT' ? tryHost('0.0.0.0') : Promise.reject(error),
    )
  } catch (cause) {
    const isTaken = (cause as NodeJS.ErrnoException).code === 'EADDRINUSE'
    const message = isTaken
      ? `Peer port ${port} is in use. Choose another with --peer-port.`
      : `Peer port ${port} cannot be opened: ${(cause as Error).message}`
    throw new AppError(isTaken ? 'peer-port-in-use' : 'peer-port-failed', message, { port }, cause)
  }
}
