import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ManualClock } from '../__fixtures__/manual-clock.ts'
import { isProcessAlive } from './is-process-alive.ts'
import { keepAwake, sleepInhibitor } from './keep-awake.ts'

let folder: string
let ended: AbortController

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keep-awake-'))
  ended = new AbortController()
})
afterEach(() => {
  ended.abort()
  rmSync(folder, { recursive: true })
})

/** Starts with a program that writes its process id and waits. */
function started(program?: string) {
  const script = join(folder, 'inhibitor')
  const processIds = join(folder, 'process-ids')
  writeFileSync(script, `#!/bin/sh\necho $$ >> ${processIds}\nexec sleep 60\n`)
  chmodSync(script, 0o755)
  writeFileSync(processIds, '')
  const clock = new ManualClock()
  const warnings: string[] = []
  let isNeeded = false
  let changed = (): void => undefined
  keepAwake(
    {
      inhibitor: { program: program ?? script, programArguments: [] },
      clock,
      log: { info: () => undefined, warn: (_, fields) => void warnings.push(String(fields?.['reason'])) },
      isNeeded: () => isNeeded,
      onChange: (listener) => void (changed = listener),
    },
    ended.signal,
  )
  return {
    clock,
    warnings,
    processIds: () => readFileSync(processIds, 'utf8').trim().split('\n').filter(Boolean).map(Number),
    need(needed: boolean): void {
      isNeeded = needed
      changed()
    },
  }
}

const until = (condition: () => boolean) => vi.waitFor(() => expect(condition()).toBe(true), { timeout: 20_000 })

describe('keepAwake', () => {
  it('runs one inhibitor while it is needed', async () => {
    const awake = started()
    expect(awake.processIds()).toEqual([])
    awake.need(true)
    awake.need(true)
    await until(() => awake.processIds().length === 1)
    const [processId = 0] = awake.processIds()
    expect(isProcessAlive(processId)).toBe(true)
    awake.need(false)
    await until(() => !isProcessAlive(processId))
    expect(awake.warnings).toEqual([])
  })

  it('ends with the node', async () => {
    const awake = started()
    awake.need(true)
    await until(() => awake.processIds().length === 1)
    ended.abort()
    await until(() => !isProcessAlive(awake.processIds()[0] ?? 0))
  })

  it('starts an inhibitor again that has ended, and says so', async () => {
    const awake = started()
    awake.need(true)
    await until(() => awake.processIds().length === 1)
    process.kill(awake.processIds()[0] ?? 0, 'SIGKILL')
    await until(() => awake.warnings.length === 1)
    expect(awake.warnings[0]).toContain('SIGKILL')
    await awake.clock.advance(30_000)
    await until(() => awake.processIds().length === 2)
  })

  it('survives a machine without the program', async () => {
    const awake = started(join(folder, 'missing'))
    awake.need(true)
    await until(() => awake.warnings.length === 1)
    expect(awake.warnings[0]).toContain('ENOENT')
  })
})

describe('sleepInhibitor', () => {
  it('is a program of macOS that ends with the process', () => {
    expect(sleepInhibitor('darwin', 42)?.programArguments).toEqual(['-s', '-w', '42'])
    expect(sleepInhibitor('linux', 42)).toBe(null)
  })
})
