import { chmodSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { rotatingLogFile } from './rotating-log-file.ts'

it('starts a new file beyond the limit, and keeps the previous one', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'exo-log-')), 'logs', 'node.log')
  const append = rotatingLogFile(file, 10)
  for (const text of ['one\n', 'two-three\n', 'four\n']) append(text)
  expect([readFileSync(`${file}.1`, 'utf8'), readFileSync(file, 'utf8')]).toEqual(['one\ntwo-three\n', 'four\n'])
  chmodSync(file, 0o600)
  expect(rotatingLogFile(file, 10)).toBeTypeOf('function')
})
