import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { expect, it } from 'vitest'
import { createScratchFolder, removeLeftScratchFolders } from './scratch-folders.ts'

it('removes what a killed update left, and nothing else', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'exo-update-'))
  const ended = spawnSync('true').pid
  const own = await createScratchFolder(folder)
  for (const name of [`.update-${ended}-a1B2c3`, '.update-Xy12ab', 'exo-1.0.0', '.update-notes', `.update-${ended}-a1B2c3.d`])
    await mkdir(join(folder, name, 'exo-1.1.0'), { recursive: true })
  await mkdir(join(folder, 'elsewhere'))
  await writeFile(join(folder, 'elsewhere', 'file'), 'kept')
  await symlink(join(folder, 'elsewhere'), join(folder, `.update-${ended}-linked`))
  await removeLeftScratchFolders(folder)
  expect((await readdir(folder)).sort()).toEqual(
    [basename(own), '.update-notes', `.update-${ended}-a1B2c3.d`, 'elsewhere', 'exo-1.0.0'].sort(),
  )
  expect(await readFile(join(folder, 'elsewhere', 'file'), 'utf8')).toBe('kept')
})
