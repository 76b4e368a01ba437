import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readModelAliases, setModelAlias } from './model-aliases.ts'

let dataDir = ''
beforeAll(async () => void (dataDir = await mkdtemp(join(tmpdir(), 'exo-aliases-'))))
afterAll(() => rm(dataDir, { recursive: true, force: true }))

it('aliases are kept, changed and taken away', async () => {
  expect(await readModelAliases(dataDir)).toEqual({})
  await setModelAlias(dataDir, 'gpt-4o', 'org/a')
  await setModelAlias(dataDir, 'mine', 'org/b')
  await setModelAlias(dataDir, 'gpt-4o', 'org/c')
  expect(await readModelAliases(dataDir)).toEqual({ mine: 'org/b', 'gpt-4o': 'org/c' })
  await setModelAlias(dataDir, 'mine', null)
  expect(await readModelAliases(dataDir)).toEqual({ 'gpt-4o': 'org/c' })
})
