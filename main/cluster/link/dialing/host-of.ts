import type { TLSSocket } from 'node:tls'
import { unmapAddress } from '../../../shared/addresses/unmap-address.ts'

/** The other end's address: mapped IPv4 in IPv4 form, and with the scope of the host that was dialled. */
export function hostOf(socket: TLSSocket, dialledHost: string): string {
  const address = unmapAddress(socket.remoteAddress ?? '')
  const scope = /%.*$/.exec(dialledHost)?.[0]
  return scope === undefined || address.includes('%') ? address : address + scope
}
