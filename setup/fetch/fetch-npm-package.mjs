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
  return fetchNpmPackage(name, locked)
}

/**
 * Downloads a package into the cache and checks it against its hash. Returns at once if it is there.
 *
 * @param {string} name
 * @param {{ version: string, integrity: string }} pin - `integrity`: `sha512-` and the hash in base64
 * @returns {Promise<string>} the folder of the unpacked package
 * @throws SetupError if the package does not match its hash
 */
export async function fetchNpmPackage(name, { version, integrity }) {
  const folder = join(cacheDir, `npm-${name.replaceAll(/[@/]/g, '-')}-${version}`)
  if (existsSync(folder)) return folder
  mkdirSync(cacheDir, { recursive: true })
  const scratch = mkdtempSync(join(cacheDir, 'fetching-npm-'))
  try {
    const options = ['--silent', '--ignore-scripts', '--pack-destination', scratch]
    const packed = await runLogged('package-download', 'npm', ['pack', ...options, `${name}@${version}`])
    const archive = join(scratch, packed.trim().split('\n').at(-1) ?? '')
    const found = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`
    if (found !== integrity) throw new SetupError(`${name}@${version} does not match its hash ${integrity}; it has ${found}.`)
    await runLogged('package-unpack', 'tar', ['-xzf', archive, '-C', scratch])
    if (!existsSync(folder)) renameSync(join(scratch, 'package'), folder)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
  return folder
}
