import { Buffer } from 'node:buffer'
import { mkdirSync, mkdtempSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { projectDir } from '../../project-paths.mjs'
import { replaceNeeded } from './replace-needed.mjs'
import { formatSizes, sizesOf } from './slim-staged.mjs'

describe('sizes of a package', () => {
  it('are told by part, and bounded', () => {
    const folder = mkdtempSync(join(tmpdir(), 'exo-sizes-'))
    const files = {
      node: 109e6,
      'dist/exo.mjs': 4e6,
      'dist/renderer/index.html': 1e6,
      'build/native/libopenblas.so.0': 37e6,
      'build/native/exo_engine.node': 5e6,
      'build/native/mlx/lib/libmlx.so': 18e6,
      'models/m.gguf': 98e6,
      'node_modules/@duckdb/a/libduckdb.so': 60e6,
    }
    for (const [path, bytes] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), '')
      truncateSync(join(folder, path), bytes)
    }
    const table = formatSizes(sizesOf(folder))
    expect(table.split('\n').map((line) => line.trim())).toEqual([
      '109.0 MB  Node',
      '98.0 MB  default model',
      '60.0 MB  DuckDB (history)',
      '37.0 MB  BLAS and LAPACK',
      '18.0 MB  MLX',
      '5.0 MB  engine',
      '4.0 MB  program',
      '1.0 MB  dashboard',
      '234.0 MB  without the default model',
      '',
    ])
    truncateSync(join(folder, 'node'), 300e6)
    expect(() => formatSizes(sizesOf(folder))).toThrow(/425 MB without its model, more than 300/)
  })
})

it('the sizes in docs/install.md are of these parts and add up', () => {
  const page = readFileSync(join(projectDir, 'docs', 'install.md'), 'utf8')
  const rows = [...page.matchAll(/^\| ([\w ,()]+) \| (\d+\.\d) \|$/gm)].map(([, part, megabytes]) => ({
    part,
    bytes: Number(megabytes) * 1e6,
  }))
  expect(rows.length).toBeGreaterThan(5)
  const parts = ['node', 'node_modules/a', 'build/native/libopenblas.so.0', 'ducklake/a', 'build/native/mlx/lib/libmlx.so', 'LICENSE']
  const folder = mkdtempSync(join(tmpdir(), 'exo-sizes-'))
  for (const path of [...parts, 'dist/renderer/a', 'dist/exo.mjs', 'build/native/exo_engine.node']) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), '')
  }
  expect(rows.map(({ part }) => part).sort()).toEqual(
    sizesOf(folder)
      .map(({ part }) => part)
      .sort(),
  )
  const total = Number(/the folder has (\d+) MB without/.exec(page)?.[1])
  expect(rows.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6).toBeCloseTo(total, -1)
  expect(() => formatSizes(/** @type {{ part: string, bytes: number }[]} */ (rows))).not.toThrow()
})

describe('names in a library', () => {
  const libraryWith = (/** @type {string} */ text) => {
    const file = join(mkdtempSync(join(tmpdir(), 'exo-needed-')), 'lib.so')
    writeFileSync(file, Buffer.from(text, 'latin1'))
    return file
  }

  it('are replaced by shorter ones in place', () => {
    const file = libraryWith('\x7fELF\0liblong-12.so.3\0other\0')
    replaceNeeded(file, { 'liblong-12.so.3': 'libshort.so' })
    expect(readFileSync(file, 'latin1')).toBe('\x7fELF\0libshort.so\0\0\0\0\0other\0')
  })

  it.each([
    ['which are not there', 'liblong.so', '\0other.so\0'],
    ['which are there twice', 'liblong.so', '\0liblong.so\0liblong.so\0'],
    ['which are shorter', 'a.so', '\0a.so\0'],
  ])('%s are not replaced', (_, name, text) => {
    expect(() => replaceNeeded(libraryWith(text), { [name]: 'libnext.so' })).toThrow('exactly once')
  })
})
