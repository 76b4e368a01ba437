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
 * @returns {LockedPackages | null} null where there is none
 */
function lockedPackages(file) {
  try {
    return JSON.parse(readFileSync(join(projectDir, file), 'utf8')).packages
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return null
    throw error
  }
}

/** npm writes what it installed into node_modules last of all, so what stands there is whole. */
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
  // With CI set, lefthook leaves the hooks of git alone: a person who only runs exo wants none.
  await runLogged('packages', 'npm', ['ci', '--include=dev', '--no-audit', '--no-fund'], { env: { ...process.env, CI: '1' } })
  if (node24() === null) {
    // npm may be set not to run install scripts; this one fetches the Node binary.
    await runLogged('packages-node', process.execPath, ['installArchSpecificPackage'], { cwd: join(projectDir, 'node_modules', 'node') })
  }
  if (node24() === null) {
    throw new SetupError(
      `The npm package \`node\` brought no binary for this machine. Install Node 24 or newer by hand; this one is ${process.version}.`,
    )
  }
}
