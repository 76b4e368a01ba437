import type { TLSSocket } from 'node:tls'
import { unmapAddress } from '../../../shared/unmap-address.ts'

/** The other end's address: IPv4 as IPv4, and with the scope of the host that was dialled. */
export function hostOf(socket: TLSSocket, dialledHost: string): string {
  const address = unmapAddress(socket.remoteAddress ?? '')
  const scope = /%.*$/.exec(dialledHost)?.[0]
  return scope === undefined || address.includes('%') ? address : address + scope
}
