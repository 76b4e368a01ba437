import { app } from 'electron'
import { runCli } from '../cli/run-cli.ts'
import { appPaths } from './app-paths.ts'
import { openAppLog } from './open-app-log.ts'
import { spawnUtilityProcess } from './node/spawn-utility-process.ts'
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
  // The app stays in the menu bar.
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
        stopping.leave()
      })
  })
  app
    .whenReady()
    .then(async () => {
      shell = await startShell(paths, log)
    })
    .catch((error: unknown) => {
      log.error('the app could not start', { error })
      app.exit(1)
    })
}

/** `exo` in a terminal, as installed by the app: `--cli -- ARGUMENTS`. It has no window and no icon in the dock. */
function runCommandLine(commandArguments: readonly string[]): void {
  app
    .whenReady()
    .then(() => runCli(commandArguments, spawnUtilityProcess))
    .catch((error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
      return 1
    })
    .then(
      (status) => process.stdout.write('', () => process.stderr.write('', () => app.exit(status))),
      () => app.exit(1),
    )
}

const cliAt = process.argv.indexOf('--cli')
if (cliAt > 0) runCommandLine(process.argv.slice(cliAt + 2))
else if (app.requestSingleInstanceLock()) runApp()
else app.quit()
