import { Buffer } from 'node:buffer'
import { readFileSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { SetupError } from '../../setup-error.mjs'

/**
 * Writes other names over texts of the dynamic section of a library, such as the libraries that it loads and where it looks for them.
 *
 * @param {string} library
 * @param {Readonly<Record<string, string>>} replacements - by the text that is there, of which the new one is no longer
 */
export function replaceNeeded(library, replacements) {
  const data = readFileSync(library)
  for (const [before, after] of Object.entries(replacements)) {
    const [old, next] = [Buffer.from(`\0${before}\0`), Buffer.from(`\0${after}\0`)]
    const at = data.indexOf(old)
    if (at === -1 || data.indexOf(old, at + 1) !== -1 || next.length > old.length)
      throw new SetupError(`${basename(library)} does not have the text ${before} exactly once, or it is shorter than ${after}.`)
    next.copy(data, at)
    data.fill(0, at + next.length, at + old.length)
  }
  writeFileSync(library, data)
}
