import { app } from 'electron'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

/** Whether the app starts when its user logs in. */
export function setLoginItem(isWanted: boolean): void {
  if (process.platform !== 'linux') return app.setLoginItemSettings({ openAtLogin: isWanted })
  const file = join(process.env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config'), 'autostart', 'exo-distributed.desktop')
  if (!isWanted) return rmSync(file, { force: true })
  mkdirSync(dirname(file), { recursive: true })
  // An AppImage runs from a folder that is gone after it; it says itself where it is.
  const program = process.env['APPIMAGE'] ?? app.getPath('exe')
  writeFileSync(file, `[Desktop Entry]\nType=Application\nName=exo\nExec="${program}"\nX-GNOME-Autostart-enabled=true\n`)
}
