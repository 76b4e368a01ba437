import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const rows = readFileSync(join(root, 'SECURITY.md'), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, id, threat = '', guards = ''] = /^\| ([A-E]\d?) \| (.+) \| (.+) \|$/.exec(line) ?? []
    return id === undefined ? [] : [{ id, threat, guards: [...guards.matchAll(/`([^`]+)`/g)].map(([, path = '']) => path) }]
  })

describe('the table of SECURITY.md', () => {
  it('has a row for each finding', () => {
    const ids = [
      'A1',
      'A2',
      'A3',
      'A4',
      'A5',
      'A6',
      'A7',
      'B1',
      'B2',
      'B3',
      'C1',
      'C2',
      'C3',
      'C4',
      'C5',
      'D1',
      'D2',
      'D3',
      'D4',
      'D5',
      'E',
    ]
    expect([...new Set(rows.map(({ id }) => id))]).toEqual(ids)
  })
  it.each(rows)('$id: $threat: names tests that are there', ({ guards }) => {
    expect(guards.length).toBeGreaterThan(0)
    expect(guards.filter((path) => !existsSync(join(root, path)))).toEqual([])
  })
  it.each(rows)('$id: $threat: has tests that are named by it', ({ id, guards }) => {
    const named = new RegExp(`['"\`(\\[ ]${id}\\b`)
    // A fuzzer has no names, and the tests of the engine have those of its parts.
    const tests = guards.filter((path) => !/\.fuzz\.ts$|\.cpp$/.test(path))
    expect(tests.length).toBeGreaterThan(0)
    expect(tests.filter((path) => !named.test(readFileSync(join(root, path), 'utf8')))).toEqual([])
  })
})
