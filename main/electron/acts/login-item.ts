import { app } from 'electron'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { autostartEntry } from '../../domain/desktop/autostart-entry.ts'
import { ownProgram } from '../own-program.ts'

/** Whether the app starts when its user logs in. */
export function setLoginItem(isWanted: boolean): void {
  if (process.platform !== 'linux') return app.setLoginItemSettings({ openAtLogin: isWanted })
  const file = join(process.env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config'), 'autostart', 'exo-distributed.desktop')
  if (!isWanted) return rmSync(file, { force: true })
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, autostartEntry('exo', ownProgram()))
}
