import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { app } from 'electron'
import updater from 'electron-updater'
import { installAsRoot } from '../../domain/desktop/as-root/install-as-root.ts'

/** They ask for the administrator's password and run a command as root. By their paths: a program of the user is not one of them. */
const [PKEXEC, SUDO] = ['/usr/bin/pkexec', '/usr/bin/sudo']

export interface VerifiedPackage {
  readonly path: string
  /** The signed checksums of the update's packages, in hexadecimal digits. */
  readonly sha512s: readonly string[]
}

/** Makes the updater of Debian packages install the verified package and no other. Has no effect on other updaters. */
export function installVerifiedPackage(ready: () => VerifiedPackage | null): void {
  const { autoUpdater } = updater
  if (!(autoUpdater instanceof updater.DebUpdater)) return
  const doInstall = ({ isForceRunAfter }: { readonly isForceRunAfter: boolean }): boolean => {
    const update = ready()
    if (update === null) throw new Error('No update is ready to be installed.')
    const asRoot = process.getuid?.() === 0 ? [] : [existsSync(PKEXEC) ? PKEXEC : SUDO]
    const [program = '', ...words] = [...asRoot, ...installAsRoot(update.path, update.sha512s)]
    const { status, stderr, error } = spawnSync(program, words, { encoding: 'utf8' })
    // The updater reports what is thrown here, and the app ends as it is.
    if (status !== 0) throw new Error(`The update could not be installed: ${error?.message ?? stderr.slice(-500)}`)
    if (isForceRunAfter) app.relaunch()
    return true
  }
  Object.assign(autoUpdater, { doInstall })
}
