import { mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'
import { runCommandLine } from '../__fixtures__/run-command-line.ts'

afterEach(() => vi.unstubAllEnvs())

it('lists what it would remove, and removes all but models and the files of others', async () => {
  const home = await mkdtemp(join(tmpdir(), 'exo-uninstall-'))
  const dataDir = join(home, 'data')
  const cache = join(home, 'cache')
  vi.stubEnv('HOME', home)
  vi.stubEnv('EXO_CACHE', cache)
  for (const folder of ['models/a', 'history', 'chats', 'photos']) await mkdir(join(dataDir, folder), { recursive: true })
  for (const file of ['identity.pem', 'settings.json', 'settings.json.previous', 'notes.txt']) await writeFile(join(dataDir, file), 'x')
  await mkdir(cache)
  const listed = await runCommandLine('uninstall', '--data-dir', dataDir)
  expect(listed).toMatchObject({ status: 0, err: '' })
  expect(listed.out).toContain('exo uninstall --yes')
  expect(await readdir(dataDir)).toHaveLength(8)
  const done = await runCommandLine('uninstall', '--yes', '--data-dir', dataDir)
  expect(done).toMatchObject({ status: 0, err: '' })
  expect(done.out).toContain(`Models stay in:\n  ${join(dataDir, 'models')}`)
  expect((await readdir(dataDir)).sort()).toEqual(['models', 'notes.txt', 'photos'])
  expect(await readdir(home)).toEqual(['data'])
})
