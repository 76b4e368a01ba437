import { Buffer } from 'node:buffer'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { gzipOf, ustarOf } from './ustar.mjs'

const long = `${'deep/'.repeat(20)}${'name'.repeat(20)}.txt`

/** @param {number} epochSeconds - when the files were made */
function makeFolder(epochSeconds) {
  const folder = mkdtempSync(join(tmpdir(), 'exo-ustar-'))
  mkdirSync(join(folder, 'b', 'deep/'.repeat(20)), { recursive: true })
  writeFileSync(join(folder, 'b', long), 'long')
  writeFileSync(join(folder, 'a'), 'x'.repeat(600))
  writeFileSync(join(folder, 'run'), '#!/bin/sh\n')
  chmodSync(join(folder, 'run'), 0o700 + (epochSeconds % 2))
  symlinkSync('a', join(folder, 'link'))
  utimesSync(join(folder, 'a'), epochSeconds, epochSeconds)
  return folder
}

it('makes the same bytes from the same content, whenever and by whomever it was made', () => {
  const [one, other] = [makeFolder(1_000), makeFolder(2_001)].map((folder) => gzipOf(ustarOf(folder, { root: 'exo', epochSeconds: 5 })))
  expect(one?.equals(other ?? Buffer.alloc(0))).toBe(true)
})

it('is unpacked by tar', () => {
  const target = mkdtempSync(join(tmpdir(), 'exo-untar-'))
  writeFileSync(join(target, 'exo.tar.gz'), gzipOf(ustarOf(makeFolder(1_000), { root: 'exo', epochSeconds: 5 })))
  execFileSync('tar', ['-xzf', 'exo.tar.gz'], { cwd: target })
  writeFileSync(join(target, 'open.tar'), ustarOf(makeFolder(1_000), { root: '', epochSeconds: 5, openFolders: ['b'] }))
  expect(execFileSync('tar', ['-tvf', 'open.tar', 'b/', '--no-recursion'], { cwd: target, encoding: 'utf8' })).toMatch(/^drwxrwxrwt/)
  expect(readFileSync(join(target, 'exo', 'link'), 'utf8')).toBe('x'.repeat(600))
  expect(readFileSync(join(target, 'exo', 'b', long), 'utf8')).toBe('long')
  expect(execFileSync('sh', ['-c', 'test -x exo/run && ! test -x exo/a && echo right'], { cwd: target, encoding: 'utf8' })).toBe('right\n')
})
