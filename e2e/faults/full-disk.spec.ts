import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { get, post } from '../node/call-api.ts'
import { reportFigure } from '../node/report-figure.ts'
import { projectDir, runExo } from '../node/run-exo.ts'
import { type RunningExo, startExo } from '../node/start-exo.ts'

/** The data folder is on its own small disk. The default model is not loaded, since it would not fit. */
describe('D1: a node on a full disk', () => {
  let mountPoint: string
  let dataDir: string
  let node: RunningExo | undefined

  beforeEach(() => {
    mountPoint = mkdtempSync(join(tmpdir(), 'exo-small-disk-'))
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', mountPoint])
    dataDir = join(mountPoint, 'data')
  })
  afterEach(async () => {
    await node?.stop()
    node = undefined
    execFileSync('umount', ['-l', mountPoint])
    rmSync(mountPoint, { recursive: true, force: true })
  })

  const start = async (): Promise<RunningExo> => (node = await startExo({ dataDir, arguments: ['--no-default-model'], awaitModel: false }))
  const fill = (): void => {
    const block = Buffer.alloc(4096, 1)
    try {
      for (;;) appendFileSync(join(mountPoint, 'filler'), block)
    } catch (error) {
      expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC')
    }
  }
  const makeRoom = (): void => rmSync(join(mountPoint, 'filler'))
  const emptyFiles = (): string[] =>
    readdirSync(dataDir).filter(
      (name) => name.endsWith('.new') || (statSync(join(dataDir, name)).isFile() && statSync(join(dataDir, name)).size === 0),
    )
  const leaderOf = async (running: RunningExo): Promise<string | null> => (await get(running.apiUrl, '/state')).body.leader?.nodeId ?? null

  it('goes on, refuses what it cannot keep with the reason, says so, and keeps it when there is room', async () => {
    const running = await start()
    await expect.poll(() => leaderOf(running), { timeout: 10_000 }).not.toBeNull()
    const before = (await get(running.apiUrl, '/settings')).body
    fill()
    const refused = await post(running.apiUrl, '/settings', { port: 4321 })
    expect([refused.status, refused.body.error.code]).toEqual([503, 'disk_full'])
    expect(refused.body.error.message).toContain('Free some space')
    expect((await get(running.apiUrl, '/settings')).body.chosen).toEqual(before.chosen)
    const joined = await post(running.apiUrl, '/cluster/join', { clusterName: 'attic', key: 'a key that is long enough' })
    expect([joined.status, joined.body.error.code]).toEqual([503, 'disk_full'])
    const { diskTroubles } = (await get(running.apiUrl, '/state')).body
    expect(diskTroubles).toEqual([expect.objectContaining({ path: join(dataDir, 'settings.json'), code: 'disk-full' })])
    const doctor = await runExo(['doctor', '--data-dir', dataDir])
    expect(doctor.stdout).toContain('settings.json cannot be written')
    expect((await get(running.apiUrl, '/doctor')).body.checks).toContainEqual(
      expect.objectContaining({ id: 'disk-writes', state: 'problem' }),
    )
    expect(running.output()).toContain('could not be written')
    expect(emptyFiles()).toEqual([])
    expect((await get(running.apiUrl, '/healthz')).status).toBe(200)
    makeRoom()
    expect((await post(running.apiUrl, '/settings', { port: 4321 })).status).toBe(200)
    expect(JSON.parse(readFileSync(join(dataDir, 'settings.json'), 'utf8')).machine.port).toBe(4321)
    expect((await get(running.apiUrl, '/state')).body.diskTroubles).toBeUndefined()
  })

  it('starts, leads, and is found by its own commands when there is room', async () => {
    const first = await start()
    await expect.poll(() => leaderOf(first), { timeout: 10_000 }).not.toBeNull()
    await first.stop()
    const identity = readFileSync(join(dataDir, 'identity.pem'), 'utf8')
    fill()
    const running = await start()
    await expect.poll(() => leaderOf(running), { timeout: 10_000 }).not.toBeNull()
    expect((await get(running.apiUrl, '/state')).body.diskTroubles).toEqual(
      expect.arrayContaining([expect.objectContaining({ path: join(dataDir, 'node.json') })]),
    )
    expect(readFileSync(join(dataDir, 'identity.pem'), 'utf8')).toBe(identity)
    makeRoom()
    await expect.poll(() => existsSync(join(dataDir, 'node.json')), { timeout: 20_000 }).toBe(true)
    expect((await runExo(['ps', '--data-dir', dataDir])).status).toBe(0)
  })

  it('starts for the first time too, and keeps its identity when there is room', async () => {
    mkdirSync(dataDir)
    fill()
    const running = await start()
    const { nodeId } = (await get(running.apiUrl, '/state')).body
    makeRoom()
    await expect.poll(() => existsSync(join(dataDir, 'identity.pem')), { timeout: 20_000 }).toBe(true)
    await expect.poll(() => leaderOf(running), { timeout: 10_000 }).toBe(nodeId)
    await running.stop()
    expect((await get((await start()).apiUrl, '/state')).body.nodeId).toBe(nodeId)
  })

  it('survives a limit of 48 open files', async () => {
    const launcher = join(mountPoint, 'exo-48')
    writeFileSync(launcher, `#!/bin/bash\nulimit -n 48\nexec ${join(projectDir, 'exo')} "$@"\n`, { mode: 0o755 })
    node = await startExo({ launcher, dataDir, arguments: ['--no-default-model'], awaitModel: false })
    // Opens more connections than the node accepts.
    const { hostname, port } = new URL(node.apiUrl)
    const sockets = Array.from({ length: 100 }, () => connect(Number(port), hostname).on('error', () => undefined))
    await sleep(500)
    // They are still held.
    const waitsMs: number[] = []
    for (let asked = 0; asked < 10; asked++) {
      const askedMs = performance.now()
      expect((await get(node.apiUrl, '/healthz')).status).toBe(200)
      waitsMs.push(performance.now() - askedMs)
      await sleep(200)
    }
    reportFigure('longest wait for /healthz, every connection held', Math.max(...waitsMs), 'ms')
    expect(Math.max(...waitsMs)).toBeLessThan(3_000)
    for (const socket of sockets) socket.destroy()
    await expect
      .poll(
        () =>
          get(node?.apiUrl ?? '', '/healthz').then(
            ({ status }) => status,
            () => 0,
          ),
        { timeout: 10_000 },
      )
      .toBe(200)
    expect((await post(node.apiUrl, '/settings', { port: 4322 })).status).toBe(200)
  })

  it('loses no setting that it has confirmed, killed in the middle of changes', async () => {
    let confirmed = 0
    for (let round = 0; round < 4; round++) {
      const running = await start()
      const { chosen } = (await get(running.apiUrl, '/settings')).body
      expect(chosen.port ?? 0).toBeGreaterThanOrEqual(confirmed)
      let port = 1024 + 100 * round
      const changes = (async () => {
        for (;;) {
          port += 1
          const answer = await post(running.apiUrl, '/settings', { port }).catch(() => null)
          if (answer?.status !== 200) return
          confirmed = port
        }
      })()
      await sleep(150 + 130 * round)
      const { processId } = JSON.parse(readFileSync(join(dataDir, 'node.json'), 'utf8')) as { processId: number }
      process.kill(processId, 'SIGKILL')
      await Promise.all([changes, running.exited])
      node = undefined
    }
    expect(confirmed).toBeGreaterThan(1300)
    expect((await get((await start()).apiUrl, '/settings')).body.chosen.port).toBeGreaterThanOrEqual(confirmed)
  })
})
