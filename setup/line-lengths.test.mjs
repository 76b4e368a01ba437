import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const MAX_COLUMNS = 140
/** Source code, written by hand. Formatters leave long literals and Python as they are. */
const SOURCES = ['ts', 'tsx', 'mjs', 'cpp', 'h', 'inl', 'css', 'html', 'sh', 'py'].map((ending) => `*.${ending}`)

describe('source files', () => {
  it(`have no line over ${MAX_COLUMNS} columns`, () => {
    const root = join(import.meta.dirname, '..')
    const paths = spawnSync('git', ['ls-files', ...SOURCES], { cwd: root, encoding: 'utf8' })
      .stdout.split('\n')
      .filter(Boolean)
    expect(paths.length).toBeGreaterThan(1000)
    const longLines = paths.flatMap((path) =>
      readFileSync(join(root, path), 'utf8')
        .split('\n')
        .flatMap((line, index) => (line.length > MAX_COLUMNS ? [`${path}:${index + 1}`] : [])),
    )
    expect(longLines).toEqual([])
  })
})
