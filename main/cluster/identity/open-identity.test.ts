import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemRandom } from '../../platform/random.ts'
import { openIdentity } from './open-identity.ts'

describe('openIdentity', () => {
  let folder: string
  let warnings: string[]
  const open = (dataDir = join(folder, 'data')) =>
    openIdentity(dataDir, { log: { warn: (message) => void warnings.push(message) }, random: systemRandom })
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'exo-identity-'))
    warnings = []
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('makes a key once, for its owner only, and finds it again', async () => {
    const first = await open()
    const again = await open()
    expect(again).toEqual(first)
    expect(first.nodeId).toMatch(/^[a-z2-7]{32}$/)
    expect((await stat(join(folder, 'data'))).mode & 0o777).toBe(0o700)
    expect((await stat(join(folder, 'data/identity.pem'))).mode & 0o777).toBe(0o600)
    expect(await readdir(join(folder, 'data'))).toEqual(['identity.pem'])
    expect(warnings).toEqual([])
  })

  it('gives processes that start together the same identity', async () => {
    const identities = await Promise.all([open(), open(), open(), open()])
    expect(new Set(identities.map(({ nodeId }) => nodeId)).size).toBe(1)
    expect(await readdir(join(folder, 'data'))).toEqual(['identity.pem'])
  })

  it('gives every folder another one', async () => {
    expect((await open(join(folder, 'a'))).nodeId).not.toBe((await open(join(folder, 'b'))).nodeId)
  })

  const modeOf = async (path: string): Promise<number> => (await stat(join(folder, path))).mode & 0o777
  it('F8: makes a folder that others may enter its own, without a word', async () => {
    await mkdir(join(folder, 'data'), { mode: 0o755 })
    await open()
    expect(await modeOf('data')).toBe(0o700)
    await chmod(join(folder, 'data'), 0o755)
    await open()
    expect([await modeOf('data'), warnings]).toEqual([0o700, []])
  })
  it('closes a key that others may read, and says that they could', async () => {
    await open()
    await chmod(join(folder, 'data/identity.pem'), 0o644)
    await open()
    expect([await modeOf('data/identity.pem'), warnings]).toEqual([0o600, [expect.stringContaining('could read the key')]])
  })
  it.skipIf(process.platform !== 'linux' || !existsSync('/sys'))(
    'D1: an identity that cannot be kept lasts as long as the run, and is kept when there is room',
    async () => {
      const outcomes: unknown[] = []
      const disk = { onWritten: (_: string, error: unknown) => void outcomes.push(error), onFallback: () => undefined }
      await mkdir(join(folder, 'data'))
      // No file can be created at the temporary path.
      await symlink('/sys', join(folder, 'data/identity.pem.full'))
      const random = { id: () => 'full/x' }
      const log = { warn: (message: string) => void warnings.push(message) }
      const opened = await openIdentity(join(folder, 'data'), { log, random, disk })
      expect([opened.keep === null, warnings.length]).toEqual([false, 1])
      await rm(join(folder, 'data/identity.pem.full'))
      await mkdir(join(folder, 'data/identity.pem.full'))
      await opened.keep?.()
      expect((await open()).nodeId).toBe(opened.nodeId)
      expect(outcomes.at(-1)).toBeNull()
    },
  )

  it.each([
    ['nothing', () => ''],
    ['half of it', (pem: string) => pem.slice(0, pem.length / 2)],
    ['no key', (pem: string) => pem.slice(pem.indexOf('-----BEGIN CERT'))],
    ['a changed key', (pem: string) => pem.replace(/(KEY-----\n.{40})./, '$1*')],
  ])('refuses a file that holds %s, and leaves it alone', async (_name, damage) => {
    await open()
    const path = join(folder, 'data/identity.pem')
    const damaged = damage(await readFile(path, 'utf8'))
    await writeFile(path, damaged)
    await expect(open()).rejects.toMatchObject({ code: 'identity-damaged', message: expect.stringContaining('mv ') })
    expect(await readFile(path, 'utf8')).toBe(damaged)
  })

  it('refuses a certificate of another key', async () => {
    await open(join(folder, 'a'))
    await open(join(folder, 'b'))
    const [a, b] = await Promise.all(['a', 'b'].map((name) => readFile(join(folder, name, 'identity.pem'), 'utf8')))
    const mixed = a!.slice(0, a!.indexOf('-----BEGIN CERT')) + b!.slice(b!.indexOf('-----BEGIN CERT'))
    await writeFile(join(folder, 'a/identity.pem'), mixed)
    await expect(open(join(folder, 'a'))).rejects.toMatchObject({ code: 'identity-damaged' })
  })
})
