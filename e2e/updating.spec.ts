import { spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { copyOfRelease, installRelease, makeProgramRelease, signFolder } from './harness/program-release.ts'
import { type ReleaseServer, serveRelease } from './harness/serve-release.ts'
import { type Finished, runProgram } from './node/run-exo.ts'
import { startExo } from './node/start-exo.ts'

const WAIT = { timeout: 60_000, interval: 20 }
const { privateKey } = generateKeyPairSync('ed25519')
const stranger = generateKeyPairSync('ed25519').privateKey

describe('exo update', { timeout: 300_000 }, () => {
  let server: ReleaseServer
  let [old, next, prefix, exo]: [string, string, string, string] = ['', '', '', '']
  const versionsDir = (): string => join(prefix, 'lib', 'exo-distributed')
  const versionHere = async (): Promise<string> => (await runProgram(exo, ['--version'])).stdout.trim()
  const update = (...words: string[]): Promise<Finished> => runProgram(exo, ['update', '--from', server.url, ...words])
  const expectUnchanged = async (): Promise<void> => {
    expect(readdirSync(versionsDir()).sort()).toEqual(['current', 'exo-1.0.0'])
    expect(await versionHere()).toBe('1.0.0')
  }
  /** Starts an update whose download stops in its middle. */
  const stallingUpdate = async () => {
    server.publish(next, 'stall')
    const child = spawn(exo, ['update', '--from', server.url], { stdio: 'ignore' })
    const exited = once(child, 'exit')
    await expect.poll(() => server.faults(), WAIT).toBe(1)
    return { child, exited }
  }

  beforeAll(async () => {
    server = await serveRelease()
    old = makeProgramRelease('1.0.0', privateKey)
    next = makeProgramRelease('1.1.0', privateKey)
  })
  beforeEach(() => {
    if (prefix !== '') rmSync(prefix, { recursive: true })
    prefix = mkdtempSync(join(tmpdir(), 'exo prefix '))
    exo = installRelease(old, prefix)
  })
  afterAll(async () => {
    await server.stop()
    for (const folder of [old, next, prefix]) rmSync(folder, { recursive: true, force: true })
  })

  it('installs a newer version beside the one that runs, and a node that starts again is the newer one', async () => {
    server.publish(next)
    const checked = await update('--check')
    expect([checked.status, checked.stdout]).toEqual([0, expect.stringContaining('exo 1.1.0 is available; this is 1.0.0')])
    await expectUnchanged()
    const dataDir = mkdtempSync(join(tmpdir(), 'exo-updated-'))
    const start = () => startExo({ launcher: exo, dataDir, arguments: ['--no-default-model'], awaitModel: false })
    const runningVersion = (): unknown => JSON.parse(readFileSync(join(dataDir, 'node.json'), 'utf8')).version
    const before = await start()
    try {
      const updated = await update('--data-dir', dataDir)
      expect([updated.status, updated.stdout]).toEqual([0, expect.stringContaining('restart it to use the new version')])
      expect(readdirSync(versionsDir()).sort()).toEqual(['current', 'exo-1.0.0', 'exo-1.1.0'])
      expect(await versionHere()).toBe('1.1.0')
      // The node still runs the version that it started with, and serves.
      expect((await fetch(before.dashboardUrl)).status).toBe(200)
      expect(runningVersion()).toBe('1.0.0')
    } finally {
      await before.stop()
    }
    const after = await start()
    try {
      expect(runningVersion()).toBe('1.1.0')
    } finally {
      await after.stop()
      rmSync(dataDir, { recursive: true })
    }
    const again = await update()
    expect([again.status, again.stdout]).toEqual([0, expect.stringContaining('1.1.0 is the newest version')])
  })

  it.each<[what: string, make: () => string, reason: RegExp]>([
    ['that others have signed', () => signedBy(stranger), /not signed by the publisher/],
    ['whose list was changed after it was signed', () => withList((text) => text.replace('1.1.0', '1.2.0')), /not signed by the publisher/],
    ['without a signature', () => withList((text) => JSON.stringify({ ...JSON.parse(text), signature: undefined })), /not signed/],
    ['whose list is not JSON', () => withList((text) => text.slice(0, 40)), /not JSON/],
    [
      'whose archive was changed',
      () => withArchive((bytes) => Buffer.concat([bytes, Buffer.from('x')])),
      /does not match its signed checksum/,
    ],
    ['without an archive for this system', () => withArchive(null), /has no archive for/],
  ])('refuses a release %s, and leaves what is installed', async (_, make, reason) => {
    const release = make()
    server.publish(release)
    const { status, stderr } = await update()
    expect([status, stderr]).toEqual([1, expect.stringMatching(reason)])
    await expectUnchanged()
    rmSync(release, { recursive: true })
  })

  it('does not go back to an older version, however well it is signed', async () => {
    const older = makeProgramRelease('0.9.0', privateKey)
    server.publish(older)
    const { status, stdout } = await update()
    expect([status, stdout]).toEqual([0, expect.stringContaining('1.0.0 is the newest version')])
    await expectUnchanged()
    rmSync(older, { recursive: true })
  })

  it('leaves nothing of a download that breaks off, or that its user ends', async () => {
    server.publish(next, 'cut')
    const { status, stderr } = await update()
    expect([status, stderr]).toEqual([1, expect.stringMatching(/The new version was not installed: the download broke off/)])
    await expectUnchanged()
    const { child, exited } = await stallingUpdate()
    child.kill('SIGINT')
    await exited
    await expectUnchanged()
  })

  it('still starts after an update was killed, and the next update leaves nothing of it', async () => {
    const { child, exited } = await stallingUpdate()
    child.kill('SIGKILL')
    await exited
    expect(await versionHere()).toBe('1.0.0')
    server.publish(next)
    expect((await update()).status).toBe(0)
    expect(await versionHere()).toBe('1.1.0')
    expect(readdirSync(versionsDir()).sort()).toEqual(['current', 'exo-1.0.0', 'exo-1.1.0'])
  })

  function signedBy(key: typeof stranger): string {
    const release = copyOfRelease(next)
    signFolder(release, '1.1.0', key)
    return release
  }

  function withList(change: (text: string) => string): string {
    const release = copyOfRelease(next)
    const file = join(release, 'latest-headless.json')
    writeFileSync(file, change(readFileSync(file, 'utf8')))
    return release
  }

  function withArchive(change: ((bytes: Buffer) => Buffer) | null): string {
    const release = copyOfRelease(next)
    const archive = join(release, readdirSync(release).find((name) => name.endsWith('.tar.gz')) ?? '')
    if (change) {
      writeFileSync(archive, change(readFileSync(archive)))
    } else {
      writeFileSync(join(release, 'exo-1.1.0-plan9-mips.tar.gz'), readFileSync(archive))
      rmSync(archive)
      signFolder(release, '1.1.0', privateKey)
    }
    return release
  }
})
