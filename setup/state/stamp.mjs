import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { projectDir, setupStateDir } from '../project-paths.mjs'

/**
 * Whether a step's outputs exist and were made from inputs with this hash.
 *
 * @param {string} name
 * @param {string} hash
 * @param {readonly string[]} outputs - absolute, or relative to the project
 */
export function isStamped(name, hash, outputs) {
  const file = join(setupStateDir, `${name}.stamp`)
  return existsSync(file) && readFileSync(file, 'utf8') === hash && outputs.every((output) => existsSync(resolve(projectDir, output)))
}

/**
 * @param {string} name
 * @param {string} hash
 */
export function writeStamp(name, hash) {
  mkdirSync(setupStateDir, { recursive: true })
  writeFileSync(join(setupStateDir, `${name}.stamp`), hash)
}

/**
 * The age of a stamp; Infinity if it was never written.
 *
 * @param {string} name
 */
export function stampAgeMs(name) {
  const stat = statSync(join(setupStateDir, `${name}.stamp`), { throwIfNoEntry: false })
  return stat ? Date.now() - stat.mtimeMs : Infinity
}
