/** A node that links to the one at `busy-node.ts HOST PORT DATA_DIR`, and then runs JavaScript for ten seconds without a break. */
import { join } from 'node:path'
import { z } from 'zod'
import { systemClock } from '../../../platform/clock.ts'
import { createLog } from '../../../platform/log/log.ts'
import { systemRandom } from '../../../platform/random.ts'
import { openIdentity } from '../../identity/open-identity.ts'
import { createLinks } from '../create-links.ts'
import { openDatagramThread } from '../datagrams/open-datagram-thread.ts'

const BUSY_MS = 10_000
const SETTLE_MS = 2000

const [host = '', port = '', dataDir = ''] = process.argv.slice(2)
const [clock, random] = [systemClock, systemRandom]
const log = createLog({ level: 'warn', format: 'json', write: (line) => void process.stderr.write(line) })
const print = (event: string): void => void process.stdout.write(`${event}\n`)
const links = createLinks({
  identity: await openIdentity(dataDir, { log, random }),
  nodeName: 'busy',
  totalBytes: 1,
  clusterName: 'test',
  clusterKey: null,
  listen: { host: '127.0.0.1', port: 0 },
  openDatagrams: (listen) => openDatagramThread(join(import.meta.dirname, '..', 'datagrams', 'datagram-thread.ts'), listen, clock, log),
  schema: z.unknown(),
  clock,
  random,
  log,
})
links.onPeerLost((_, { code, message }) => print(`lost ${code} ${message}`))
links.onPeer(() => {
  print('linked')
  setTimeout(() => {
    print('busy')
    // Writes to a pipe are synchronous; from here on the event loop is blocked.
    const endMs = performance.now() + BUSY_MS
    while (performance.now() < endMs);
    print('free')
  }, SETTLE_MS)
})
await links.listen()
links.dial({ nodeId: null, host, port: Number(port), isStatic: true, delayMs: 0 })
process.stdin.on('end', () => void links.close().then(() => process.exit(0))).resume()
