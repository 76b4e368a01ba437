import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import type * as nodeFs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'

const disk = { isFull: false }
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof nodeFs>()
  return {
    ...fs,
    writeSync: (...told: Parameters<typeof fs.writeSync>) => {
      if (disk.isFull) throw Object.assign(new Error('full'), { code: 'ENOSPC' })
      return fs.writeSync(...told)
    },
  }
})
const { openLogOutput } = await import('./open-log-output.ts')

it('D1: a log on a full disk goes on when there is room, and says what it lost', () => {
  const folder = mkdtempSync(join(tmpdir(), 'exo-log-'))
  const file = openSync(join(folder, 'log'), 'w')
  const write = openLogOutput(file, {
    write: () => {
      throw new Error('not the stream')
    },
  })
  write('one\n')
  disk.isFull = true
  for (const line of ['two\n', 'three\n']) write(line)
  disk.isFull = false
  write('four\n')
  write('five\n')
  closeSync(file)
  expect(readFileSync(join(folder, 'log'), 'utf8')).toBe('one\n2 lines of this log could not be written\nfour\nfive\n')
  rmSync(folder, { recursive: true })
})
it.skipIf(!existsSync('/dev/null'))('what is no file is written as a stream', () => {
  const file = openSync('/dev/null', 'w')
  const lines: string[] = []
  openLogOutput(file, { write: (line: string | Uint8Array) => lines.push(String(line)) > 0 })('one\n')
  closeSync(file)
  expect(lines).toEqual(['one\n'])
})
