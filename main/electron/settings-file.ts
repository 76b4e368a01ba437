import { closeSync, existsSync, fsyncSync, linkSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import { readRegularTextSync } from '../platform/files/regular-file.ts'
import { NodeConfig, type NodeOptions } from '../node/config/node-config.ts'
import { copyBefore } from '../platform/files/durable-file.ts'
import type { Log } from '../platform/log/log.ts'
import { toDiskError } from '../platform/files/to-disk-error.ts'
import { firstShellSettings, ShellSettings } from '../shared/wire/shell/shell.ts'

/** The app's own settings, and the options with which it starts its node if they differ from the defaults. */
export interface SettingsFile extends ShellSettings {
  readonly node: Partial<NodeOptions>
  readonly frames: WindowFrames
}

const Frame = z.strictObject({ x: z.int(), y: z.int(), width: z.int().min(1), height: z.int().min(1) })
/** Where the windows were closed, in the screen's points. */
const WindowFrames = z.strictObject({ chat: Frame.optional(), dashboard: Frame.optional() })
export type WindowFrames = z.infer<typeof WindowFrames>

const Kept = ShellSettings.partial().extend({
  node: z.record(z.string(), z.unknown()).optional(),
  // A damaged frame costs no other setting.
  frames: WindowFrames.catch({}).optional(),
})

/** Replaces damaged settings by the previous ones or the defaults and logs it, because the app must start. */
export function readSettingsFile(file: string, log: Log): SettingsFile {
  for (const path of [file, copyBefore(file)]) {
    try {
      const { node = {}, frames = {}, ...settings } = Kept.parse(JSON.parse(readRegularTextSync(path)))
      NodeConfig.parse({ dataDir: '/', ...node })
      return { ...firstShellSettings, ...settings, node, frames }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        log.warn('the settings cannot be read, starting with the previous ones or the defaults', { file: path, error })
    }
  }
  return { ...firstShellSettings, node: {}, frames: {} }
}

/**
 * Does the work of `DurableFile` synchronously, because the app's menu waits for the result.
 * @throws AppError `disk-full` | …: the previous settings remain
 */
export function writeSettingsFile(file: string, settings: SettingsFile): void {
  const temporary = `${file}.new`
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    // What an interrupted write left, or a pipe in its place.
    rmSync(temporary, { force: true })
    writeFileSync(temporary, `${JSON.stringify(settings, null, 2)}\n`, { mode: 0o600, flag: 'wx', flush: true })
    if (existsSync(file)) {
      rmSync(copyBefore(file), { force: true })
      linkSync(file, copyBefore(file))
    }
    renameSync(temporary, file)
    syncFolder(dirname(file))
  } catch (error) {
    rmSync(temporary, { force: true })
    throw toDiskError(error, file)
  }
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
