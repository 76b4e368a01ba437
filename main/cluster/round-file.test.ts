import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openRoundFile } from './round-file.ts'

describe('openRoundFile', () => {
  let dataDir: string
  let warnings: unknown[]
  const warn = (...told: unknown[]): void => void warnings.push(told)
  const open = () => openRoundFile(dataDir, { warn }, { onWritten: () => undefined, onFallback: warn })
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'exo-round-'))
    warnings = []
  })
  afterEach(() => rmSync(dataDir, { recursive: true }))

  it('keeps a round', async () => {
    expect((await open()).kept).toBe(0)
    await (await open()).keep(7)
    expect([(await open()).kept, warnings]).toEqual([7, []])
    writeFileSync(join(dataDir, 'election-round'), '12\n')
    expect((await open()).kept).toBe(12)
  })

  it.each(['9007199254740991', '9007199254740993', '536870912', '268435457', '-1', '1.5', '1e3', 'NaN', '', '\0\0\0\0', '0x10', '[7]'])(
    'A5: sets a file that holds %j aside, says so, and the node starts',
    async (text) => {
      writeFileSync(join(dataDir, 'election-round'), text)
      expect((await open()).kept).toBe(0)
      expect(warnings).toHaveLength(1)
      expect(readFileSync(join(dataDir, 'election-round.damaged'), 'utf8')).toBe(text)
      expect(existsSync(join(dataDir, 'election-round'))).toBe(false)
      await (await open()).keep(3)
      expect([(await open()).kept, warnings.length]).toEqual([3, 1])
    },
  )

  it('D2: a file that a loss of power left empty is the copy before', async () => {
    const rounds = await open()
    await rounds.keep(7)
    await rounds.keep(9)
    writeFileSync(join(dataDir, 'election-round'), '')
    expect([(await open()).kept, warnings.length]).toEqual([7, 1])
  })
})
