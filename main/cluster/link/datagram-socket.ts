import { createSocket, type Socket } from 'node:dgram'
import type { Log } from '../../platform/log.ts'
import { errorMessage } from '../../shared/app-error.ts'
import { linkTagOf } from './datagram-seal.ts'
import type { PeerAddress } from './dial-targets.ts'

export type DatagramListener = (datagram: Buffer, from: PeerAddress) => void

/** The UDP port beside the node's TCP port, shared by its links. Where it cannot be had, links do without. */
export interface DatagramSocket {
  send(datagram: Buffer, to: PeerAddress): void
  listen(linkTag: string, listener: DatagramListener): void
  forget(linkTag: string): void
  close(): void
}

export async function openDatagramSocket(listen: { host: string | null; port: number }, log: Pick<Log, 'trace' | 'debug' | 'warn'>): Promise<DatagramSocket> {
  const listeners = new Map<string, DatagramListener>()
  let socket: Socket | null = null
  try {
    // Only a socket of the address's own family can send to it, unless it is one for both.
    socket = await bindSocket(listen.host ?? '::', listen.port).catch((error: NodeJS.ErrnoException) => {
      if (listen.host === null && error.code === 'EAFNOSUPPORT') return bindSocket('0.0.0.0', listen.port)
      throw error
    })
  } catch (error) {
    log.warn('no UDP port for heartbeats: links to peers behind bad networks may break more often', { port: listen.port, error })
  }
  const isForBoth = listen.host === null || listen.host === '::'
  socket?.on('error', (error) => log.debug('heartbeat socket failed', { error }))
  socket?.on('message', (datagram, { address, port }) => {
    const tag = linkTagOf(datagram)
    if (tag !== null) listeners.get(tag)?.(datagram, { host: address.replace(/^::ffff:(?=\d+\.)/, ''), port })
  })
  return {
    send: (datagram, { host, port }) => {
      const address = isForBoth && /^[\d.]+$/.test(host) ? `::ffff:${host}` : host
      // Lost is lost: what a datagram carries comes again.
      socket?.send(datagram, port, address, (error) => {
        if (error) log.trace('a datagram was not sent', { host, reason: errorMessage(error) })
      })
    },
    listen: (linkTag, listener) => void listeners.set(linkTag, listener),
    forget: (linkTag) => void listeners.delete(linkTag),
    close: () => socket?.close(),
  }
}

function bindSocket(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4' })
    socket.once('error', reject)
    socket.bind({ address: host, port }, () => {
      socket.off('error', reject)
      resolve(socket)
    })
  })
}
