import { connect, isIPv4 } from 'node:net'
import type { Clock } from '../platform/clock.ts'
import type { NodeId } from '../shared/ids.ts'
import type { LinkMedium, TcpLink } from '../shared/topology.ts'
import { unmapAddress } from '../shared/unmap-address.ts'

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
 * Finds the addresses at which a peer really answers, with the connection time, which is one round trip. IPv4 only,
 * because the engine's groups connect over nothing else.
 */
export async function measurePaths(
  from: NodeId,
  peer: MeasuredPeer,
  mediumOf: (address: string) => LinkMedium,
  clock: Pick<Clock, 'now'>,
  signal: AbortSignal,
): Promise<void> {
  const candidates = [...new Set(peer.addresses.map(unmapAddress))].filter((address) => isIPv4(address)).slice(0, MAX_ADDRESSES)
  await Promise.all(
    candidates.map(async (address) => {
      if (!(await peer.isAt(address, signal))) return
      const roundTripMs = await connectTime(address, peer.peerPort, clock, signal)
      if (roundTripMs !== null) peer.onPath({ kind: 'tcp', from, to: peer.nodeId, address, medium: mediumOf(address), roundTripMs })
    }),
  )
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
