import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { projectDir, setupStateDir } from '../project-paths.mjs'

/**
 * Tells whether a step's outputs stand and were made from inputs of this hash.
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
 * How long ago a stamp was written; Infinity: never.
 *
 * @param {string} name
 */
export function stampAgeMs(name) {
  const stat = statSync(join(setupStateDir, `${name}.stamp`), { throwIfNoEntry: false })
  return stat ? Date.now() - stat.mtimeMs : Infinity
}
