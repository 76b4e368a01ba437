import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import { DaemonConfig, type DaemonOptions } from '../daemon/config.ts'
import type { Log } from '../platform/log.ts'
import { firstShellSettings, ShellSettings } from '../shared/wire/shell.ts'

/** What the app keeps: its own settings, and with what it starts its node where that is not as usual. */
export interface SettingsFile extends ShellSettings {
  readonly node: Partial<DaemonOptions>
}

const Kept = ShellSettings.partial().extend({ node: z.record(z.string(), z.unknown()).optional() })

/** Damaged settings are as none, and are told in the log: the app must start. */
export function readSettingsFile(file: string, log: Log): SettingsFile {
  try {
    const { node = {}, ...settings } = Kept.parse(JSON.parse(readFileSync(file, 'utf8')))
    DaemonConfig.parse({ dataDir: '/', ...node })
    return { ...firstShellSettings, ...settings, node }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') log.warn('the settings cannot be read, starting with none', { file, error })
    return { ...firstShellSettings, node: {} }
  }
}

export function writeSettingsFile(file: string, settings: SettingsFile): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  writeFileSync(`${file}.new`, `${JSON.stringify(settings, null, 2)}\n`, { mode: 0o600 })
  renameSync(`${file}.new`, file)
}
