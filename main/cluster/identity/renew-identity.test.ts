import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createLog } from '../../platform/log/log.ts'
import { systemRandom } from '../../platform/random.ts'
import { openIdentity } from './open-identity.ts'
import { renewIdentity } from './renew-identity.ts'

const dependencies = { log: createLog({ level: 'silent', format: 'json', write: () => undefined }), random: systemRandom }
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exo-renew-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

it('F3: a node gets a permanent new identity, and keeps a copy of the old one', async () => {
  const before = await openIdentity(folder, dependencies)
  const old = await readFile(join(folder, 'identity.pem'), 'utf8')
  const { nodeId, keptAt } = await renewIdentity(folder, dependencies)
  expect(nodeId).not.toBe(before.nodeId)
  expect((await openIdentity(folder, dependencies)).nodeId).toBe(nodeId)
  expect(await readFile(keptAt ?? '', 'utf8')).toBe(old)
  expect((await stat(keptAt ?? '')).mode & 0o077).toBe(0)
})

it('F3: a folder without one gets its first', async () => {
  const { nodeId, keptAt } = await renewIdentity(folder, dependencies)
  expect([keptAt, await readdir(folder)]).toEqual([null, ['identity.pem']])
  expect((await openIdentity(folder, dependencies)).nodeId).toBe(nodeId)
})
