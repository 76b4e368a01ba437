import { app } from 'electron'
import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import updater from 'electron-updater'
import { parse } from 'yaml'
import { placeObstacle } from '../../domain/desktop/place-obstacle.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Log } from '../../platform/log/log.ts'
import { verifyUpdate } from '../../platform/files/update-signature.ts'
import { errorMessage } from '../../shared/app-error.ts'
import type { UpdateStatus } from '../../shared/wire/shell/shell.ts'
import { feedObstacle } from './feed-obstacle.ts'
import { installVerifiedPackage, type VerifiedPackage } from './install-verified-package.ts'

const CHECK_EACH_MS = 6 * 3_600_000

export interface Updates {
  readonly first: UpdateStatus
  /** Checks the feed now. */
  check(): void
  /** Quits the app to install the update that is ready; does nothing if there is none. */
  install(): void
  /**
   * Called once the app has stopped. A requested update installs itself, restarts and ends this app.
   *
   * @returns whether an update does so; otherwise the app ends itself, and electron-updater installs a downloaded
   *   update on exit
   */
  takeOver(): boolean
}

export interface UpdateDependencies {
  readonly clock: Clock
  readonly log: Log
  readonly isWanted: () => boolean
  readonly onStatus: (status: UpdateStatus) => void
}

/** macOS also verifies the certificate of an update, but takes an older version under a newer number. */
const keyFile = (): string => join(process.resourcesPath, 'update-key.pem')

/** Why this app cannot update itself; null: it can. The packager writes the feed's address only into apps that it signs. */
function reasonAgainst(): string | null {
  if (!app.isPackaged) return 'This is a development build.'
  const feedFile = join(process.resourcesPath, 'app-update.yml')
  if (!existsSync(feedFile)) return 'This build has no update feed: it is not signed for release.'
  const obstacle = feedObstacle(parse(readFileSync(feedFile, 'utf8')))
  if (obstacle !== null) return obstacle
  const place = placeObstacle({
    platform: process.platform,
    executablePath: process.execPath,
    isReadOnlyVolume: isOnReadOnlyVolume(process.execPath),
  })
  if (place !== null) return place
  if (!existsSync(keyFile())) return 'This build cannot verify updates. Download a newer one.'
  return updater.autoUpdater.isUpdaterActive() ? null : 'This copy was only unpacked: updates need an AppImage or an installed package.'
}

function isOnReadOnlyVolume(path: string): boolean {
  try {
    accessSync(dirname(path), constants.W_OK)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EROFS'
  }
}

/** Keeps the app up to date from the feed that it was packaged for, as long as the user wants it. */
export function startUpdates({ clock, log, isWanted, onStatus }: UpdateDependencies, signal: AbortSignal): Updates {
  const reason = reasonAgainst()
  if (reason !== null) return { first: { kind: 'off', reason }, check: () => undefined, install: () => undefined, takeOver: () => false }
  const { autoUpdater } = updater
  let [isReady, isAskedFor] = [false, false]
  let newVersion = ''
  let sha512s: readonly string[] = []
  let verified: VerifiedPackage | null = null
  installVerifiedPackage(() => verified)
  autoUpdater.logger = {
    info: (text) => log.debug('updater', { text }),
    warn: (text) => log.warn('updater', { text }),
    error: (text) => log.warn('updater', { text }),
  }
  autoUpdater.on('checking-for-update', () => onStatus({ kind: 'checking' }))
  autoUpdater.on('update-not-available', () => onStatus({ kind: 'current' }))
  // Nothing is downloaded before its signature is verified. The download must then have the signed checksum.
  autoUpdater.autoDownload = false
  autoUpdater.on('update-available', (update) => {
    newVersion = update.version
    sha512s = update.files.filter(({ url }) => url.endsWith('.deb')).map(({ sha512 }) => Buffer.from(sha512, 'base64').toString('hex'))
    try {
      verifyUpdate(update, readFileSync(keyFile(), 'utf8'))
    } catch (error) {
      log.warn('an update was rejected', { version: newVersion, error })
      return onStatus({ kind: 'failed', message: errorMessage(error) })
    }
    onStatus({ kind: 'downloading', version: newVersion, doneRatio: 0 })
    // A failure is also reported by the event `error`.
    autoUpdater.downloadUpdate().catch((error: unknown) => log.debug('the update could not be downloaded', { error }))
  })
  autoUpdater.on('download-progress', ({ percent }) =>
    onStatus({ kind: 'downloading', version: newVersion, doneRatio: Math.min(1, percent / 100) }),
  )
  autoUpdater.on('update-downloaded', ({ version, downloadedFile }) => {
    isReady = true
    verified = { path: downloadedFile, sha512s }
    onStatus({ kind: 'ready', version })
  })
  autoUpdater.on('error', ({ message }) => onStatus({ kind: 'failed', message }))
  const check = (): void => {
    // A failure is also reported by the event `error`.
    if (!isReady) autoUpdater.checkForUpdates().catch((error: unknown) => log.debug('no update', { error }))
  }
  const checkIfWanted = (): void => {
    if (isWanted()) check()
  }
  checkIfWanted()
  clock.every(CHECK_EACH_MS, checkIfWanted, signal)
  return {
    first: { kind: 'current' },
    check,
    install() {
      if (!isReady) return
      isAskedFor = true
      app.quit()
    },
    takeOver() {
      if (!isAskedFor) return false
      // On Linux the update starts before this process has ended and must not be taken for a second instance.
      app.releaseSingleInstanceLock()
      autoUpdater.on('error', () => app.exit(1))
      autoUpdater.quitAndInstall()
      return true
    },
  }
}
