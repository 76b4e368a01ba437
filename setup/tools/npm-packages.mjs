import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { node24 } from './node-24.mjs'
import { projectDir } from '../project-paths.mjs'
import { requireTools, tools } from './require-tools.mjs'
import { runLogged } from '../run-logged.mjs'
import { SetupError } from '../setup-error.mjs'

/** @typedef {Record<string, { version?: string, integrity?: string, optional?: boolean }>} LockedPackages */

/**
 * @param {string} file - relative to the project
 * @returns {LockedPackages | null} null if the file does not exist
 */
function lockedPackages(file) {
  try {
    return JSON.parse(readFileSync(join(projectDir, file), 'utf8')).packages
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return null
    throw error
  }
}

/** npm writes its own lock file into node_modules last, so the packages that it lists are complete. */
export function arePackagesCurrent() {
  const installed = lockedPackages('node_modules/.package-lock.json')
  const locked = lockedPackages('package-lock.json')
  if (installed === null || locked === null || node24() === null) return false
  return Object.entries(locked).every(
    ([path, { version, integrity, optional }]) =>
      path === '' || (installed[path] ? installed[path].version === version && installed[path].integrity === integrity : optional === true),
  )
}

export async function installPackages() {
  requireTools([tools.npm])
  // With CI set, lefthook does not install git hooks, which a user who only runs exo does not want.
  await runLogged('packages', 'npm', ['ci', '--include=dev', '--no-audit', '--no-fund'], { env: { ...process.env, CI: '1' } })
  if (node24() === null) {
    // npm may be configured not to run install scripts; this one downloads the Node binary.
    await runLogged('packages-node', process.execPath, ['installArchSpecificPackage'], { cwd: join(projectDir, 'node_modules', 'node') })
  }
  if (node24() === null) {
    throw new SetupError(
      `The npm package \`node\` has no binary for this machine. Install Node 24 or newer; the installed one is ${process.version}.`,
    )
  }
}
