import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createLog } from '../platform/log/log.ts'
import { firstShellSettings } from '../shared/wire/shell/shell.ts'
import { readSettingsFile, writeSettingsFile } from './settings-file.ts'

let folder: string
let file: string
let said: string
const log = createLog({ level: 'info', format: 'json', write: (line) => void (said += line) })
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'exo-settings-'))
  file = join(folder, 'new', 'shell-settings.json')
  said = ''
})
afterEach(() => rmSync(folder, { recursive: true }))

it('keeps what was set, for its user alone', () => {
  const settings = {
    ...firstShellSettings,
    launchAtLogin: true,
    node: { port: 0 },
    frames: { chat: { x: 1, y: 2, width: 700, height: 600 } },
  }
  writeSettingsFile(file, settings)
  expect(readSettingsFile(file, log)).toEqual(settings)
  expect(statSync(file).mode & 0o777).toBe(0o600)
})

it('D2: goes back to the settings before where a loss of power left the file empty, and says so', () => {
  const before = { ...firstShellSettings, launchAtLogin: true, node: {}, frames: {} }
  writeSettingsFile(file, before)
  writeSettingsFile(file, { ...before, launchAtLogin: false })
  writeFileSync(file, '')
  expect(readSettingsFile(file, log)).toEqual(before)
  expect(said).toContain('the settings cannot be read')
})

it('D1: leaves nothing behind where it cannot write, and says what to do', () => {
  writeSettingsFile(file, { ...firstShellSettings, node: {}, frames: {} })
  // Not even root can rename a file onto a folder.
  rmSync(file)
  mkdirSync(join(file, 'taken'), { recursive: true })
  expect(() => writeSettingsFile(file, { ...firstShellSettings, node: {}, frames: {} })).toThrow('cannot be written')
  expect(readdirSync(join(folder, 'new')).filter((name) => name.endsWith('.new'))).toEqual([])
})

it('begins with none, without a word', () => {
  expect(readSettingsFile(file, log)).toEqual({ ...firstShellSettings, node: {}, frames: {} })
  expect(said).toBe('')
})

it.each(['{"launchAtLogin":tr', '{"launchAtLogin":"yes"}', '{"node":{"port":-1}}', '[]'])('starts without what is damaged: %s', (text) => {
  writeFileSync(join(folder, 'damaged.json'), text)
  expect(readSettingsFile(join(folder, 'damaged.json'), log)).toEqual({ ...firstShellSettings, node: {}, frames: {} })
  expect(said).toContain('the settings cannot be read')
})

it('B30: a damaged frame of a window costs no other setting', () => {
  writeFileSync(join(folder, 'frames.json'), JSON.stringify({ launchAtLogin: true, frames: { chat: { x: 'left' } } }))
  expect(readSettingsFile(join(folder, 'frames.json'), log)).toEqual({ ...firstShellSettings, launchAtLogin: true, node: {}, frames: {} })
})
