import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join, relative } from 'node:path'

/**
 * One hash over the names and contents of all files in a folder.
 *
 * @param {string} folder
 */
export function treeHash(folder) {
  const hash = createHash('sha256')
  for (const path of filesBelow(folder).sort()) {
    const isLink = lstatSync(path).isSymbolicLink()
    hash.update(`${relative(folder, path)}\0${isLink ? `-> ${readlinkSync(path)}` : ''}\0`)
    if (!isLink) hash.update(createHash('sha256').update(readFileSync(path)).digest())
  }
  return hash.digest('hex')
}

/** Lists files and links; does not follow links. @param {string} folder @returns {string[]} */
export function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesBelow(join(folder, entry.name)) : [join(folder, entry.name)],
  )
}
