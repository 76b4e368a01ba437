import { request } from 'node:https'
import type { TLSSocket } from 'node:tls'
import type { Clock } from '../platform/clock.ts'
import type { NodeId } from '../shared/ids.ts'
import type { NodeIdentity } from './identity/open-identity.ts'
import type { PeerAddress } from './link/dialing/dial-targets.ts'
import { provenPeerOf, secureOptions } from './link/sockets/secure-socket.ts'
import { THROUGHPUT_BYTES, THROUGHPUT_MS, THROUGHPUT_PATH } from './link/sockets/throughput-limits.ts'

const CONNECT_LIMIT_MS = 2_500

/**
 * Measures how fast a linked peer sends to this node at one of its addresses, over TLS like all traffic between nodes:
 * for at most one second and 256 MiB.
 *
 * @returns bytes per second; null if the address leads to another node, or nothing arrives
 */
export function measureThroughput(
  peerId: NodeId,
  { host, port }: PeerAddress,
  identity: NodeIdentity,
  clock: Pick<Clock, 'now'>,
  signal: AbortSignal,
): Promise<number | null> {
  return new Promise((resolve) => {
    let [bytes, firstMs]: [number, number | null] = [0, null]
    const asked = request({ host, port, path: THROUGHPUT_PATH, agent: false, timeout: CONNECT_LIMIT_MS, ...secureOptions(identity) })
    const settle = (): void => {
      signal.removeEventListener('abort', settle)
      asked.destroy()
      const durationMs = firstMs === null ? 0 : clock.now() - firstMs
      resolve(bytes > 0 && durationMs > 0 ? (bytes / durationMs) * 1000 : null)
    }
    // First of all: a request that is destroyed before it is sent still emits an error.
    asked.on('error', settle).on('timeout', settle)
    signal.addEventListener('abort', settle, { once: true })
    if (signal.aborted) return settle()
    asked.on('response', (response) => {
      if (response.statusCode !== 200 || provenPeerOf(response.socket as TLSSocket).nodeId !== peerId) return settle()
      response
        .on('error', settle)
        .on('close', settle)
        .on('data', (chunk: Buffer) => {
          // The first chunk only starts the clock: before it, the connection was being made.
          if (firstMs === null) return void (firstMs = clock.now())
          bytes += chunk.length
          if (bytes >= THROUGHPUT_BYTES || clock.now() - firstMs >= THROUGHPUT_MS) settle()
        })
    })
    asked.end()
  })
}
