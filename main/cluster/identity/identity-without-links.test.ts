import type * as FilePromises from 'node:fs/promises'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { systemRandom } from '../../platform/random.ts'
import { openIdentity } from './open-identity.ts'

vi.mock('node:fs/promises', async (importOriginal) => {
  const original = await importOriginal<typeof FilePromises>()
  const refused = () => Promise.reject(Object.assign(new Error('operation not permitted'), { code: 'EPERM' }))
  return { ...original, default: original, link: refused, symlink: refused }
})

it('E01 the identity is kept on a disk without links, and never replaced', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'exo-identity-'))
  const open = () => openIdentity(folder, { log: { warn: () => undefined }, random: systemRandom })
  try {
    const first = await open()
    expect(first.keep).toBeNull()
    expect(await open()).toEqual(first)
    expect(await readdir(folder)).toEqual(['identity.pem'])
    await writeFile(join(folder, 'identity.pem'), 'not one')
    await expect(open()).rejects.toMatchObject({ code: 'identity-damaged' })
    expect(await readFile(join(folder, 'identity.pem'), 'utf8')).toBe('not one')
  } finally {
    await rm(folder, { recursive: true })
  }
})
