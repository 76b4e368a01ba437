import { createSocket, type Socket } from 'node:dgram'
import type { PeerAddress } from '../dialing/dial-targets.ts'
import { unmapAddress } from '../../../shared/addresses/unmap-address.ts'

/** A bound UDP port, with addresses in the same form as those of peers. */
export interface BoundDatagrams {
  send(datagram: Uint8Array, to: PeerAddress, onError: (error: Error) => void): void
  close(onClosed: () => void): void
}

/** @param host - null: every address of the machine */
export async function bindDatagrams(
  host: string | null,
  port: number,
  onDatagram: (datagram: Buffer, from: PeerAddress) => void,
  onError: (error: Error) => void,
): Promise<BoundDatagrams> {
  // An address can be reached only from a socket of its own family, unless the socket is dual-stack.
  const socket = await bindSocket(host ?? '::', port).catch((error: NodeJS.ErrnoException) => {
    if (host === null && error.code === 'EAFNOSUPPORT') return bindSocket('0.0.0.0', port)
    throw error
  })
  const isForBoth = host === null || host === '::'
  socket.on('error', onError)
  socket.on('message', (datagram, from) => onDatagram(datagram, { host: unmapAddress(from.address), port: from.port }))
  return {
    send: (datagram, to, onSendError) => {
      const address = isForBoth && /^[\d.]+$/.test(to.host) ? `::ffff:${to.host}` : to.host
      socket.send(datagram, to.port, address, (error) => {
        if (error) onSendError(error)
      })
    },
    close: (onClosed) => socket.close(onClosed),
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
