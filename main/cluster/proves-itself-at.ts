import { withinTime } from '../platform/waiting/within-time.ts'
import type { Clock } from '../platform/clock.ts'
import { AppError } from '../shared/app-error.ts'
import type { NodeId } from '../shared/ids.ts'
import type { NodeIdentity } from './identity/open-identity.ts'
import type { PeerAddress } from './link/dialing/dial-targets.ts'
import { dialSecurely, provenPeerOf, SMALL_KEYS } from './link/sockets/secure-socket.ts'

const LIMIT_MS = 2_500

/** Whether the node that listens at an address is that peer, verified by its key. Small packets suffice. */
export async function provesItselfAt(
  peerId: NodeId,
  { host, port }: PeerAddress,
  identity: NodeIdentity,
  clock: Clock,
  signal: AbortSignal,
): Promise<boolean> {
  const late = (): AppError => new AppError('dial-timeout', 'The address did not answer in time.')
  try {
    const socket = await withinTime((inTime) => dialSecurely(host, port, identity, inTime, SMALL_KEYS), LIMIT_MS, late, clock, signal)
    try {
      return provenPeerOf(socket).nodeId === peerId
    } finally {
      socket.destroy()
    }
  } catch {
    // Nothing listens there, or another program.
    return false
  }
}
