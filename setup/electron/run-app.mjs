// `npm run app [-- ARGUMENTS]`: updates this checkout and starts its app.
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { bringUp } from '../bring-up.mjs'
import { projectDir } from '../project-paths.mjs'
import { fetchElectron, hostElectronTarget, isElectronTarget } from './fetch-electron.mjs'

/** @typedef {import('./fetch-electron.mjs').ElectronTarget} ElectronTarget */

/** Electron's executable: the one pinned for tests if this machine has one, otherwise the download of its npm package. */
async function electronProgram() {
  if (process.platform === 'linux' && isElectronTarget(hostElectronTarget))
    return join(await fetchElectron(/** @type {ElectronTarget} */ (hostElectronTarget)), 'electron')
  return String(createRequire(import.meta.url)('electron'))
}

await bringUp({ isQuick: false })
// Chromium refuses to run as root with its sandbox.
const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : []
const child = spawn(await electronProgram(), [...sandbox, projectDir, ...process.argv.slice(2)], { stdio: 'inherit' })
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => child.kill(signal))
child.once('exit', (status) => {
  process.exitCode = status ?? 1
})
