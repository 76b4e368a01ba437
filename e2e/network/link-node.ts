/**
 * A node that only discovers others and links with them: `link-node.ts OPTIONS_JSON`. It prints one JSON line for every
 * event and sends each line that it reads to all its peers.
 */
import { hostname, totalmem } from 'node:os'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { openIdentity } from '../../main/cluster/identity/open-identity.ts'
import { createLinks } from '../../main/cluster/link/create-links.ts'
import { readInterfaceAddresses } from '../../main/discovery/peers/network-interface.ts'
import { dialDelayMs } from '../../main/discovery/peers/peer-observation.ts'
import { startDiscovery } from '../../main/discovery/peers/start-discovery.ts'
import { systemClock } from '../../main/platform/clock.ts'
import { createLog } from '../../main/platform/log/log.ts'
import { systemRandom } from '../../main/platform/random.ts'

const Options = z.strictObject({
  dataDir: z.string(),
  clusterName: z.string().default('default'),
  clusterKey: z.string().nullable().default(null),
  port: z.int().default(0),
  peers: z.array(z.strictObject({ host: z.string(), port: z.int() })).default([]),
  mdns: z.boolean().default(true),
  broadcast: z.boolean().default(true),
})
const Message = z.strictObject({ text: z.string() })

const { dataDir, clusterName, clusterKey, port, peers, mdns, broadcast } = Options.parse(JSON.parse(process.argv[2] ?? '{}'))
const print = (event: Record<string, unknown>): void => void process.stdout.write(`${JSON.stringify(event)}\n`)
const log = createLog({ level: 'warn', format: 'json', write: (line) => void process.stderr.write(line) })
const [clock, random] = [systemClock, systemRandom]

const identity = await openIdentity(dataDir, { log, random })
const nodeName = hostname()
const links = createLinks({
  identity,
  nodeName,
  totalBytes: totalmem(),
  clusterName,
  clusterKey,
  listen: { host: null, port },
  schema: Message,
  clock,
  random,
  log,
})
links.onPeer(({ nodeId, nodeName: name, address }) => print({ event: 'up', nodeId, name, host: address.host }))
links.onPeerLost((nodeId, { code, message }) => print({ event: 'lost', nodeId, code, message }))
links.onMessage((nodeId, { text }) => print({ event: 'message', nodeId, text }))
const { port: peerPort } = await links.listen()
const discovery = await startDiscovery({
  announcement: {
    nodeId: identity.nodeId,
    nodeName,
    clusterName,
    needsKey: clusterKey !== null,
    peerPort,
    version: 'test',
    totalBytes: totalmem(),
  },
  mdns,
  broadcast,
  staticPeers: peers,
  readInterfaceAddresses,
  kindOfInterface: () => 'ethernet',
  onObservation: ({ nodeId, host, peerPort: observedPort, source, pathKind, clusterName: observedCluster }) => {
    if (observedCluster !== null && observedCluster !== clusterName) return
    links.dial({ nodeId, host, port: observedPort, isStatic: source === 'static', delayMs: dialDelayMs(pathKind) })
  },
  clock,
  random,
  log,
})
print({ event: 'listening', nodeId: identity.nodeId, port: peerPort })
clock.every(
  500,
  () =>
    print({
      event: 'state',
      peers: links.peers(),
      refused: links.refused(),
      discovered: discovery.peers(),
      cpuMs: (process.cpuUsage().user + process.cpuUsage().system) / 1000,
    }),
  new AbortController().signal,
)
createInterface(process.stdin).on('line', (text) => links.broadcast({ text }))
process.once('SIGTERM', () => {
  void Promise.all([links.close(), discovery.close()]).then(() => process.exit(0))
})
