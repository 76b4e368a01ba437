import type { Server, Socket } from 'node:net'

/** Closes connections beyond an address's share, before TLS, so that other addresses can still connect. */
export function limitShares(server: Server, mostOfOne: number): void {
  const shares = new Map<string, number>()
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? ''
    const share = (shares.get(address) ?? 0) + 1
    if (share > mostOfOne) return void socket.destroy()
    shares.set(address, share)
    socket.once('close', () => {
      const left = (shares.get(address) ?? 1) - 1
      if (left > 0) shares.set(address, left)
      else shares.delete(address)
    })
  })
}
