import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { folderOrName } from './folder-or-name.ts'

it('makes the path of a folder absolute and leaves names as they are', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'exo-model-'))
  try {
    const near = relative('.', folder).replace(/^(\.\.\/)/, 'main/../$1')
    expect(folderOrName(near)).toBe(near)
    await writeFile(join(folder, 'config.json'), '{}')
    expect(folderOrName(near)).toBe(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
  expect(['.', '..', './a', '../a/', '/a/../b', '~', '~/a'].map(folderOrName)).toEqual([
    ...[resolve('.'), resolve('..'), resolve('a'), resolve('../a'), '/b', homedir(), join(homedir(), 'a')],
  ])
  const names = ['', 'qwen3', 'org/model', '.hidden', '..a', '~a', 'a/b/c', 'a:b']
  expect(names.map(folderOrName)).toEqual(names)
})
