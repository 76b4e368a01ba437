import { connect, isIPv4, isIPv6 } from 'node:net'
import type { Clock } from '../platform/clock.ts'
import type { NodeId } from '../shared/ids.ts'
import type { LinkMedium, TcpLink } from '../shared/topology.ts'
import { unmapAddress } from '../shared/addresses/unmap-address.ts'

const CONNECT_LIMIT_MS = 1_500
const MAX_ADDRESSES = 12
const SAMPLES = 3

export interface MeasuredPeer {
  readonly nodeId: NodeId
  /** Its possible addresses: the one of its link and those that it reports. */
  readonly addresses: readonly string[]
  readonly peerPort: number
  /** Whether this peer itself listens there. Nothing is reported about other listeners. */
  isAt(address: string, signal: AbortSignal): Promise<boolean>
  /** Called with each path as it is measured. */
  onPath(path: TcpLink): void
}

/**
 * Finds the addresses at which a peer really answers, with the connection time, which is one round trip. IPv6 only where IPv4
 * does not lead to the peer: most machines have several addresses of it for one cable, which come and go.
 */
export async function measurePaths(
  from: NodeId,
  peer: MeasuredPeer,
  mediumOf: (address: string) => LinkMedium,
  clock: Pick<Clock, 'now'>,
  signal: AbortSignal,
): Promise<void> {
  const candidates = [...new Set(peer.addresses.map(unmapAddress))]
  const measureEach = async (addresses: readonly string[]): Promise<boolean> => {
    const found = await Promise.all(
      addresses.slice(0, MAX_ADDRESSES).map(async (address) => {
        if (!(await peer.isAt(address, signal))) return false
        const roundTripMs = await connectTime(address, peer.peerPort, clock, signal)
        if (roundTripMs === null) return false
        peer.onPath({ kind: 'tcp', from, to: peer.nodeId, address, medium: mediumOf(address), roundTripMs })
        return true
      }),
    )
    return found.includes(true)
  }
  if (!(await measureEach(candidates.filter((address) => isIPv4(address)))))
    await measureEach(candidates.filter((address) => isIPv6(address)))
}

/** The best of a few attempts, because the first may wake up a device. Null without an answer. */
async function connectTime(host: string, port: number, clock: Pick<Clock, 'now'>, signal: AbortSignal): Promise<number | null> {
  let bestMs: number | null = null
  for (let sample = 0; sample < SAMPLES && !signal.aborted; sample++) {
    const startedAtMs = clock.now()
    if (!(await connects(host, port, signal))) return bestMs
    bestMs = Math.min(bestMs ?? Number.POSITIVE_INFINITY, clock.now() - startedAtMs)
  }
  return bestMs
}

function connects(host: string, port: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: CONNECT_LIMIT_MS })
    const settle = (isConnected: boolean): void => {
      signal.removeEventListener('abort', abort)
      socket.destroy()
      resolve(isConnected)
    }
    const abort = (): void => settle(false)
    signal.addEventListener('abort', abort, { once: true })
    socket.once('connect', () => settle(true))
    socket.once('timeout', () => settle(false))
    socket.once('error', () => settle(false))
  })
}
