import type { PeerObservation } from './peer-observation.ts'
import { startDiscovery, type DiscoveryOptions } from './start-discovery.ts'
import type { DiscoveredPeer } from './peer-table.ts'

const LISTEN_MS = 3000

/** Listens for three seconds, without announcing itself, and lists the nodes of all clusters. Rejects with `signal`'s reason. */
export async function listPeers(
  options: Omit<DiscoveryOptions, 'announcement' | 'onObservation' | 'staticPeers'>,
  signal?: AbortSignal,
): Promise<DiscoveredPeer[]> {
  const ignore = (_observation: PeerObservation): void => {}
  const discovery = await startDiscovery({ ...options, announcement: null, staticPeers: [], onObservation: ignore })
  try {
    await options.clock.sleep(LISTEN_MS, signal)
    return discovery.peers()
  } finally {
    await discovery.close()
  }
}
