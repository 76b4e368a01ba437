import type { Server, Socket } from 'node:net'

export interface ShareLimits {
  /** Connections of one address. */
  readonly mostOfOne: number
  readonly mostOfAll: number
}

type End = Pick<Socket, 'remoteAddress' | 'remotePort'>

export interface Shares {
  /** Keeps a connection, which has proven what it is for, from making room for others. */
  keep(end: End): void
}

/**
 * Closes connections beyond an address's share, before TLS, so that other addresses can still connect. A host may have
 * many addresses: at the limit of all, the oldest connection that is not kept makes room.
 */
export function limitShares(server: Server, { mostOfOne, mostOfAll }: ShareLimits): Shares {
  const shares = new Map<string, number>()
  let size = 0
  /** Connections that are not kept, in the order of their age, by their far end. */
  const waiting = new Map<string, Socket>()
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? ''
    const key = keyOf(socket)
    const share = (shares.get(address) ?? 0) + 1
    if (share > mostOfOne) return void socket.destroy()
    if (size >= mostOfAll) {
      const [oldest] = waiting
      if (!oldest) return void socket.destroy()
      waiting.delete(oldest[0])
      oldest[1].destroy()
    }
    size += 1
    shares.set(address, share)
    waiting.set(key, socket)
    socket.once('close', () => {
      size -= 1
      if (waiting.get(key) === socket) waiting.delete(key)
      const left = (shares.get(address) ?? 1) - 1
      if (left > 0) shares.set(address, left)
      else shares.delete(address)
    })
  })
  return { keep: (end) => void waiting.delete(keyOf(end)) }
}

const keyOf = ({ remoteAddress, remotePort }: End): string => `${remoteAddress} ${remotePort}`
