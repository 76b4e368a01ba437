import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DerivedModel } from '../../shared/wire/api/derived-model.ts'
import { DerivedModels } from './derived-models.ts'

const model = (fields: Partial<DerivedModel> = {}): DerivedModel => ({
  from: 'org/base',
  system: null,
  template: null,
  parameters: {},
  messages: [],
  license: '',
  modifiedEpochMs: 1,
  ...fields,
})

let dataDir: string
let models: DerivedModels
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'exo-derived-'))
  models = new DerivedModels(dataDir)
})
afterEach(() => rmSync(dataDir, { recursive: true }))

describe('DerivedModels', () => {
  it('are found by name, with or without the tag that clients add, also by another process', async () => {
    await models.set('Mario:latest', model({ system: 'You are Mario.' }))
    for (const name of ['mario', 'MARIO', 'mario:latest']) expect(await models.find(name), name).toMatchObject({ system: 'You are Mario.' })
    const others = new DerivedModels(dataDir)
    expect(await others.list()).toEqual([['Mario', model({ system: 'You are Mario.' })]])
    await others.set('mario', model({ system: 'Again.' }))
    expect(await models.find('mario')).toMatchObject({ system: 'Again.' })
    expect(await models.list()).toHaveLength(1)
    expect(await others.remove('mario')).toBe(true)
    expect([await models.find('mario'), await models.remove('mario')]).toEqual([null, false])
  })

  it.each([
    '',
    '..',
    '../x',
    'a/../b',
    '/etc/passwd',
    'a//b',
    'a/b/c/d',
    'a b',
    'a\nb',
    '.hidden',
    '-x',
    'x:',
    'x:a:b',
    '__proto__',
    'C:\\x',
    'x'.repeat(300),
    'ä',
  ])('refuse the name %j', async (name) => {
    await expect(models.set(name, model())).rejects.toMatchObject({ code: 'invalid-request' })
    expect(readdirSync(dataDir)).toEqual([])
  })

  it.each(['constructor', 'toString', 'hasOwnProperty'])('have no %s by inheritance', async (name) => {
    expect(await models.find(name)).toBeNull()
    await models.set(name, model())
    expect(await models.find(name)).toMatchObject({ from: 'org/base' })
  })

  it('are bounded in number and in size', async () => {
    await expect(models.set('big', model({ system: 'x'.repeat(300_000) }))).rejects.toMatchObject({ code: 'invalid-request' })
    for (let count = 0; count < 128; count++) await models.set(`m${count}`, model())
    await expect(models.set('one-more', model())).rejects.toMatchObject({ code: 'invalid-request' })
    await models.set('m5', model({ system: 'in its place' }))
    expect(await models.list()).toHaveLength(128)
  })
})
