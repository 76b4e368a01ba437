import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { projectDir } from '../project-paths.mjs'

/**
 * Lists every file at or below `path`, sorted; empty if it does not exist.
 *
 * @param {string} path
 * @returns {string[]}
 */
function filesBelow(path) {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (!stat) return []
  if (stat.isFile()) return [path]
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

/**
 * Hashes the names and contents of files.
 *
 * @param {readonly string[]} paths - files and folders, absolute or relative to the project
 * @param {(file: string) => boolean} isInput - selects files in the folders
 * @param {readonly string[]} facts - other values that the result depends on
 */
export function contentHash(paths, isInput = () => true, facts = []) {
  const hash = createHash('sha256').update(JSON.stringify(facts))
  for (const path of paths) {
    for (const file of filesBelow(resolve(projectDir, path)).filter(isInput)) {
      const content = readFileSync(file)
      hash.update(`\n${relative(projectDir, file)} ${content.length}\n`).update(content)
    }
  }
  return hash.digest('hex')
}
