import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openIdentity } from '../cluster/identity/open-identity.ts'
import { createLinks } from '../cluster/link/create-links.ts'
import { systemClock } from '../platform/clock.ts'
import { forkProcess } from '../platform/processes/fork-process.ts'
import { freePort } from '../platform/network/free-ports.ts'
import { createLog } from '../platform/log/log.ts'
import { systemRandom } from '../platform/random.ts'
import type { StartedNode, NodeHost } from './config/node-host.ts'
import { startNode } from './start-node.ts'

const root = join(import.meta.dirname, '..', '..')
const host: NodeHost = {
  spawn: forkProcess,
  workerEntry: join(root, 'main', 'worker', 'child', 'main.ts'),
  datagramEntry: join(root, 'main', 'cluster', 'link', 'datagrams', 'datagram-thread.ts'),
  bodyEntry: join(root, 'main', 'api', 'bodies', 'body-thread.ts'),
  tokenizerEntry: join(root, 'main', 'models', 'tokenizer', 'tokenizer-thread.ts'),
  historyEntry: join(root, 'main', 'history', 'child', 'main.ts'),
  nativeAddon: join(root, 'build', 'native', 'exo_engine.node'),
  assetsDir: join(root, 'assets'),
  dashboardDir: join(root, 'dist', 'renderer'),
  defaultModelFile: join(root, 'none.gguf'),
  ducklakeFile: join(root, 'none.duckdb_extension'),
  onProgress: () => undefined,
}

let dataDir: string
let running: StartedNode[]
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'exo-node-'))
  running = []
})
afterEach(async () => {
  await Promise.all(running.map((node) => node.stop()))
  await rm(dataDir, { recursive: true, maxRetries: 10, retryDelay: 200 })
})

async function start(options: { port?: number; dataDir?: string; startsAlone?: boolean; peerPort?: number } = {}): Promise<StartedNode> {
  const node = await startNode(
    { port: 0, dataDir, mdns: false, broadcast: false, loadDefaultModel: false, logLevel: 'silent', ...options },
    host,
  )
  running.push(node)
  return node
}

const answers = (node: StartedNode): Promise<boolean> =>
  fetch(`${node.apiUrl}/healthz`).then(
    (response) => response.ok,
    () => false,
  )

describe('startNode', () => {
  it('answers when it has started, and leaves nothing behind when it has stopped', async () => {
    const node = await start()
    expect(await answers(node)).toBe(true)
    expect(await node.ready).toEqual([])
    expect(existsSync(join(dataDir, 'node.json'))).toBe(true)
    await node.stop()
    expect(await answers(node)).toBe(false)
    expect(existsSync(join(dataDir, 'node.json'))).toBe(false)
    const again = await start()
    expect(again.nodeId).toBe(node.nodeId)
  })

  it.each([
    ['no key', null],
    ['a key that it made up', 'f'.repeat(64)],
  ])('A3: alone, it links with no stranger that knows its name and has %s', async (_, clusterKey) => {
    const peerPort = await freePort()
    const node = await start({ startsAlone: true, peerPort })
    expect(node.cluster.admission).toBe('members')
    const { clusterName } = (await (await fetch(`${node.apiUrl}/cluster`)).json()) as { clusterName: string }
    const log = createLog({ level: 'silent', format: 'json', write: () => undefined })
    const identity = await openIdentity(join(dataDir, 'stranger'), { log, random: systemRandom })
    const listen = { host: '127.0.0.1', port: 0 }
    const links = createLinks({
      identity,
      nodeName: 'stranger',
      totalBytes: 1,
      clusterName,
      clusterKey,
      listen,
      schema: z.unknown(),
      clock: systemClock,
      random: systemRandom,
      log,
    })
    try {
      const heard: string[] = []
      links.onPeer(() => heard.push('linked'))
      links.onMessage(() => heard.push('told'))
      await links.listen()
      links.dial({ nodeId: null, host: '127.0.0.1', port: peerPort, isStatic: true, delayMs: 0 })
      await expect
        .poll(() => links.refused().map(({ code }) => code), { timeout: 10_000 })
        .toEqual([clusterKey === null ? 'key-missing' : 'key-wrong'])
      expect(heard).toEqual([])
      expect(await (await fetch(`${node.apiUrl}/peers`)).json()).toMatchObject({ peers: [{ nodeId: identity.nodeId, status: 'refused' }] })
    } finally {
      await links.close()
    }
  })

  it('may be stopped twice', async () => {
    const node = await start()
    await Promise.all([node.stop(), node.stop()])
    expect([await answers(node), existsSync(join(dataDir, 'node.json'))]).toEqual([false, false])
  })

  it('does not share its data folder', async () => {
    const first = await start()
    await expect(start()).rejects.toMatchObject({ code: 'already-running' })
    expect(await answers(first)).toBe(true)
  })

  it('stops what it had started when it cannot go on', async () => {
    const other: Server = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as { port: number }
    await expect(start({ port })).rejects.toMatchObject({ code: 'port-in-use' })
    other.close()
    expect(existsSync(join(dataDir, 'node.json'))).toBe(false)
    expect(await answers(await start())).toBe(true)
  })
})
