import type { TLSSocket } from 'node:tls'

/** The other end's address: IPv4 as IPv4, also on a socket for both, and with the scope of the host that was dialled. */
export function hostOf(socket: TLSSocket, dialledHost: string): string {
  const address = (socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/, '')
  const scope = /%.*$/.exec(dialledHost)?.[0]
  return scope === undefined || address.includes('%') ? address : address + scope
}
