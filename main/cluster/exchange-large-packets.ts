import { request } from 'node:https'
import type { NodeIdentity } from './identity/open-identity.ts'
import type { PeerAddress } from './link/dialing/dial-targets.ts'
import { LARGE_PACKETS_BYTES, LARGE_PACKETS_PATH } from './link/sockets/large-packet-limits.ts'
import { secureOptions, SMALL_KEYS } from './link/sockets/secure-socket.ts'

/**
 * Sends a linked peer more data than one packet holds, and waits for the same amount. If large packets are lost, this
 * ends only with the signal, because the handshake before it uses small ones.
 *
 * @returns whether all of it arrived; false also if the connection broke or the peer's version does not support the
 *   exchange
 */
export function exchangeLargePackets({ host, port }: PeerAddress, identity: NodeIdentity, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ host, port, path: LARGE_PACKETS_PATH, method: 'POST', agent: false, ...secureOptions(identity), ...SMALL_KEYS })
    let receivedBytes = 0
    const settle = (): void => {
      signal.removeEventListener('abort', settle)
      asked.destroy()
      resolve(receivedBytes >= LARGE_PACKETS_BYTES)
    }
    // First of all: a request that is destroyed before it is sent still emits an error.
    asked.on('error', settle).on('close', settle)
    signal.addEventListener('abort', settle, { once: true })
    if (signal.aborted) return settle()
    asked.on('response', (response) => {
      if (response.statusCode !== 200) return settle()
      response
        .on('error', settle)
        .on('end', settle)
        .on('data', (chunk: Buffer) => void (receivedBytes += chunk.length))
    })
    asked.end(Buffer.alloc(LARGE_PACKETS_BYTES))
  })
}
