import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { cacheDir, defaultDataDir, resolvePath } from './default-folders.ts'

it('takes folders from the environment where that says so', () => {
  expect([defaultDataDir({}), defaultDataDir({ EXO_HOME: '' }), defaultDataDir({ EXO_HOME: '~/x' })]).toEqual([
    join(homedir(), '.exo'),
    join(homedir(), '.exo'),
    join(homedir(), 'x'),
  ])
  expect([cacheDir({}), cacheDir({ EXO_CACHE: '/c' })]).toEqual([join(homedir(), '.cache', 'exo-distributed'), '/c'])
})

it('makes paths absolute', () => {
  expect([resolvePath('~'), resolvePath('~/models'), resolvePath('a/../b'), resolvePath('/c')]).toEqual([
    homedir(),
    join(homedir(), 'models'),
    resolve('b'),
    '/c',
  ])
})
