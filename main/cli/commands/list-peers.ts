import { z } from 'zod'
import type { NodeOptions } from '../../node/config/node-config.ts'
import { describePeers, type PeerListing } from '../../node/peers/peer-listing.ts'
import { findOwnNode } from '../../node/files/node-file.ts'
import { readInterfaceAddresses } from '../../discovery/peers/network-interface.ts'
import { listPeers } from '../../discovery/peers/list-peers.ts'
import { systemClock } from '../../platform/clock.ts'
import { createLog } from '../../platform/log/log.ts'
import { systemRandom } from '../../platform/random.ts'
import { formatBytes } from '../../shared/formats/byte-size.ts'
import { listingText } from '../listings/listings.ts'
import { NodeId } from '../../shared/ids.ts'
import { createNodeClient } from '../node-client.ts'
import { formatTable } from '../text/table.ts'
import type { Terminal } from '../terminal.ts'
import { parseSaid } from '../../shared/wire/peer/parse-tolerantly.ts'

const Answer = z.object({
  peers: z.array(
    z.object({
      nodeId: z.string(),
      name: z.string(),
      clusterName: z.string(),
      needsKey: z.boolean(),
      totalBytes: z.number().nullable(),
      addresses: z.array(z.string()),
      status: z.enum(['linked', 'refused', 'seen']),
      reason: z.string().nullable(),
      roundTripMs: z.number().nullable(),
    }),
  ),
})

/** `exo --list-peers`: the peers known to the running node or, without one, those found in three seconds of listening. */
export async function listNearbyPeers(options: NodeOptions, asJson: boolean, terminal: Terminal): Promise<void> {
  const node = await findOwnNode(options.dataDir)
  const peers = node ? parseSaid(Answer, await createNodeClient(node.apiUrl, node.apiToken).get('/peers')).peers : await listen(options)
  if (asJson)
    return terminal.line(listingText('--list-peers', { peers: peers.map((peer) => ({ ...peer, nodeId: NodeId.parse(peer.nodeId) })) }))
  if (peers.length === 0)
    return terminal.line(
      'No other nodes found. Check that exo is running on them, that they are on the same network, and that the firewall allows exo.',
    )
  const rows = peers.map(({ nodeId, name, clusterName, needsKey, totalBytes, addresses, status, reason, roundTripMs }) => [
    name,
    nodeId.slice(0, 12),
    `${clusterName}${needsKey ? ' (key)' : ''}`,
    reason ? `${status}: ${reason}` : status,
    totalBytes === null ? '' : formatBytes(totalBytes),
    roundTripMs === null ? '' : `${roundTripMs.toFixed(2)} ms`,
    addresses.join(' '),
  ])
  terminal.line(formatTable([['NAME', 'NODE', 'CLUSTER', 'STATUS', 'MEMORY', 'ROUND TRIP', 'ADDRESSES'], ...rows]))
}

async function listen(options: NodeOptions): Promise<PeerListing[]> {
  const log = createLog({ level: 'error', format: 'pretty', write: (line) => void process.stderr.write(line) })
  const discovered = await listPeers({
    mdns: options.mdns ?? true,
    broadcast: options.broadcast ?? true,
    readInterfaceAddresses,
    kindOfInterface: () => 'other',
    clock: systemClock,
    random: systemRandom,
    log,
  })
  return describePeers({ discovered }, { clusterName: options.clusterName ?? 'default', needsKey: false })
}
