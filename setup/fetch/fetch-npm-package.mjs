import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { cacheDir, projectDir } from '../project-paths.mjs'
import { runLogged } from '../run-logged.mjs'
import { SetupError } from '../setup-error.mjs'

/**
 * Copies a package of the lock file to a folder, including a package that npm skips because it is for another system.
 *
 * @param {string} name
 * @param {string} destination - must not exist yet
 */
export async function copyNpmPackage(name, destination) {
  const installed = join(projectDir, 'node_modules', name)
  cpSync(existsSync(installed) ? installed : await fetchLocked(name), destination, { recursive: true })
}

/** @param {string} name */
async function fetchLocked(name) {
  /** @type {{ version: string, integrity: string } | undefined} */
  const locked = JSON.parse(readFileSync(join(projectDir, 'package-lock.json'), 'utf8')).packages[`node_modules/${name}`]
  if (!locked) throw new SetupError(`${name} is not in package-lock.json.`)
  const folder = join(cacheDir, `npm-${name.replaceAll(/[@/]/g, '-')}-${locked.version}`)
  if (existsSync(folder)) return folder
  mkdirSync(cacheDir, { recursive: true })
  const scratch = mkdtempSync(join(cacheDir, 'fetching-npm-'))
  try {
    const packed = await runLogged('package-download', 'npm', [
      'pack',
      '--silent',
      '--ignore-scripts',
      '--pack-destination',
      scratch,
      `${name}@${locked.version}`,
    ])
    const archive = join(scratch, packed.trim().split('\n').at(-1) ?? '')
    const integrity = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`
    if (integrity !== locked.integrity)
      throw new SetupError(`${name}@${locked.version} does not match its hash in package-lock.json; it has ${integrity}.`)
    await runLogged('package-unpack', 'tar', ['-xzf', archive, '-C', scratch])
    if (!existsSync(folder)) renameSync(join(scratch, 'package'), folder)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
  return folder
}
