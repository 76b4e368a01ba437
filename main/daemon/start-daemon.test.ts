import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { forkProcess } from '../platform/fork-process.ts'
import type { Daemon, DaemonHost } from './daemon.ts'
import { startDaemon } from './start-daemon.ts'

const root = join(import.meta.dirname, '..', '..')
const host: DaemonHost = {
  spawn: forkProcess,
  workerEntry: join(root, 'main', 'worker', 'child', 'main.ts'),
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
let running: Daemon[]
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'exo-daemon-'))
  running = []
})
afterEach(async () => {
  await Promise.all(running.map((daemon) => daemon.stop()))
  await rm(dataDir, { recursive: true })
})

async function start(options: { port?: number; dataDir?: string } = {}): Promise<Daemon> {
  const daemon = await startDaemon({ port: 0, dataDir, mdns: false, broadcast: false, loadDefaultModel: false, logLevel: 'silent', ...options }, host)
  running.push(daemon)
  return daemon
}

const answers = (daemon: Daemon): Promise<boolean> => fetch(`${daemon.apiUrl}/healthz`).then((response) => response.ok, () => false)

describe('startDaemon', () => {
  it('answers when it has started, and leaves nothing behind when it has stopped', async () => {
    const daemon = await start()
    expect(await answers(daemon)).toBe(true)
    expect(await daemon.ready).toEqual([])
    expect(existsSync(join(dataDir, 'node.json'))).toBe(true)
    await daemon.stop()
    expect(await answers(daemon)).toBe(false)
    expect(existsSync(join(dataDir, 'node.json'))).toBe(false)
    const again = await start()
    expect(again.nodeId).toBe(daemon.nodeId)
  })

  it('may be stopped twice', async () => {
    const daemon = await start()
    await Promise.all([daemon.stop(), daemon.stop()])
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
