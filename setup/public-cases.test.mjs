import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

/** The cases of public bug reports that are tested, by the letter of their kind. */
const CASES = {
  A: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17, 18, 20, 21, 22, 23, 24, 26, 27, 29, 30, 31, 32, 33, 34, 35, 36],
  B: [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13],
  C: [1, 2, 3, 4, 5, 6, 7],
  D: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13],
  E: [1, 3, 4, 5, 6, 7],
  F: [1, 2, 3, 4, 5],
  G: [1, 2, 3, 4, 5, 6, 7],
  H: [1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12],
}

const root = join(import.meta.dirname, '..')
const files = spawnSync('git', ['ls-files', '*.test.ts', '*.spec.ts', '*.test.mjs', '*.long.spec.ts'], { cwd: root, encoding: 'utf8' })
const named = new Set(
  files.stdout
    .split('\n')
    .filter((path) => path !== '' && !path.startsWith('setup/public-cases'))
    .flatMap((path) => readFileSync(join(root, path), 'utf8').match(/(?<=['"`][^'"`\n]*)\b[A-H]\d\d\b/g) ?? []),
)

describe('the public cases', () => {
  it.each(Object.entries(CASES).flatMap(([letter, numbers]) => numbers.map((number) => letter + String(number).padStart(2, '0'))))(
    '%s has a test that is named by it',
    (id) => expect(named).toContain(id),
  )
})
