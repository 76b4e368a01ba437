import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { z } from 'zod'
import { systemClock } from '../../platform/clock.ts'
import { createLog } from '../../platform/log/log.ts'
import { systemRandom } from '../../platform/random.ts'
import { openIdentity } from '../identity/open-identity.ts'
import { createLinks } from './create-links.ts'
import type { DatagramSocket } from './datagrams/datagram-socket.ts'

const blocked: DatagramSocket = { send: () => undefined, listen: () => undefined, forget: () => undefined, close: () => Promise.resolve() }

it.each([
  ['heartbeats', undefined],
  ['TCP only', () => Promise.resolve(blocked)],
] as const)(
  'C2: a node whose JavaScript is busy for ten seconds is not lost and loses no peer: %s',
  async (_, openDatagrams) => {
    const folder = await mkdtemp(join(tmpdir(), 'exo-busy-'))
    const log = createLog({ level: 'silent', format: 'json', write: () => {} })
    const lost: string[] = []
    const links = createLinks({
      identity: await openIdentity(join(folder, 'a'), { log, random: systemRandom }),
      nodeName: 'watching',
      totalBytes: 1,
      clusterName: 'test',
      clusterKey: null,
      listen: { host: '127.0.0.1', port: 0 },
      ...(openDatagrams && { openDatagrams }),
      schema: z.unknown(),
      clock: systemClock,
      random: systemRandom,
      log,
    })
    links.onPeerLost((_, { code, message }) => lost.push(`${code}: ${message}`))
    const { port } = await links.listen()
    const busy = spawn(
      process.execPath,
      [join(import.meta.dirname, '__fixtures__', 'busy-node.ts'), '127.0.0.1', String(port), join(folder, 'b')],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    )
    try {
      let said = ''
      busy.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
      await vi.waitFor(() => expect(said).toContain('free'), { timeout: 60_000, interval: 50 })
      await new Promise((resolve) => setTimeout(resolve, 2000))
      expect({ said: said.trim().split('\n'), lost, peers: links.peers().length }).toEqual({
        said: ['linked', 'busy', 'free'],
        lost: [],
        peers: 1,
      })
      // A heartbeat that waited for the busy thread takes ten seconds.
      expect(links.peers()[0]?.roundTripMs ?? 0).toBeLessThan(9000)
    } finally {
      busy.stdin.end()
      await once(busy, 'exit')
      await links.close()
      await rm(folder, { recursive: true, force: true })
    }
  },
  90_000,
)
