import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { noteModelUse, readModelUses } from './model-uses.ts'

let dataDir: string
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'exo-uses-'))
})
afterEach(() => rm(dataDir, { recursive: true }))

it('F8: notes at the same time are all kept', async () => {
  expect(await readModelUses(dataDir)).toEqual({})
  const ids = Array.from({ length: 40 }, (_, index) => `org/model-${index}`)
  await Promise.all(ids.map((modelId, index) => noteModelUse(dataDir, modelId as never, index)))
  expect(await readModelUses(dataDir)).toEqual(Object.fromEntries(ids.map((modelId, index) => [modelId, index])))
  expect((await readdir(dataDir)).filter((name) => name.endsWith('.new'))).toEqual([])
})
it('D2: a torn file is the one before, and a note after it is kept', async () => {
  await noteModelUse(dataDir, 'org/a' as never, 1)
  await noteModelUse(dataDir, 'org/b' as never, 2)
  await writeFile(join(dataDir, 'model-uses.json'), '{"org')
  expect(await readModelUses(dataDir)).toEqual({ 'org/a': 1 })
  await writeFile(join(dataDir, 'model-uses.json.previous'), '')
  expect(await readModelUses(dataDir)).toEqual({})
  await noteModelUse(dataDir, 'org/c' as never, 3)
  expect(await readModelUses(dataDir)).toEqual({ 'org/c': 3 })
})
