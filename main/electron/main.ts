import { app } from 'electron'
import { appPaths } from './app-paths.ts'
import { openAppLog } from './open-app-log.ts'
import { type Shell, startShell } from './start-shell.ts'
import { sandboxPages } from './windows/harden-app.ts'
import { registerAppScheme } from './windows/serve-popover.ts'

function runApp(): void {
  sandboxPages()
  registerAppScheme()
  const paths = appPaths()
  const log = openAppLog(paths.logFile)
  let shell: Shell | null = null
  let hasStopped = false

  process.on('uncaughtException', (error) => log.error('uncaught', { error }))
  process.on('unhandledRejection', (error) => log.error('unhandled', { error }))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => app.quit())
  app.on('second-instance', () => shell?.reopen())
  app.on('activate', () => shell?.reopen())
  // It lives in the menu bar.
  app.on('window-all-closed', () => undefined)
  app.on('before-quit', (event) => {
    if (hasStopped || !shell) return
    event.preventDefault()
    const stopping = shell
    shell = null
    void stopping
      .stop()
      .catch((error: unknown) => log.error('stopping failed', { error }))
      .finally(() => {
        hasStopped = true
        app.exit(0)
      })
  })
  app
    .whenReady()
    .then(async () => {
      shell = await startShell(paths, log)
    })
    .catch((error: unknown) => {
      log.error('the app does not start', { error })
      app.exit(1)
    })
}

if (app.requestSingleInstanceLock()) runApp()
else app.quit()
