import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { roundFile } from './round-file.ts'

describe('roundFile', () => {
  let dataDir: string
  let warnings: unknown[]
  const open = () => roundFile(dataDir, { warn: (...told: unknown[]) => void warnings.push(told) })
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'exo-round-'))
    warnings = []
  })
  afterEach(() => rmSync(dataDir, { recursive: true }))

  it('keeps a round', () => {
    expect(open().read()).toBe(0)
    open().write(7)
    expect([open().read(), warnings]).toEqual([7, []])
    writeFileSync(join(dataDir, 'election-round'), '12\n')
    expect(open().read()).toBe(12)
  })

  it.each(['9007199254740991', '9007199254740993', '536870912', '268435457', '-1', '1.5', '1e3', 'NaN', '', '\0\0\0\0', '0x10', '[7]'])('A5: sets a file that holds %j aside, says so, and the node starts', (text) => {
    writeFileSync(join(dataDir, 'election-round'), text)
    expect(open().read()).toBe(0)
    expect(warnings).toHaveLength(1)
    expect(readFileSync(join(dataDir, 'election-round.damaged'), 'utf8')).toBe(text)
    expect(existsSync(join(dataDir, 'election-round'))).toBe(false)
    open().write(3)
    expect([open().read(), warnings.length]).toEqual([3, 1])
  })
})
