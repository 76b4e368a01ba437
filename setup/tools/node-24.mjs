import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { projectDir } from '../project-paths.mjs'

/** Node from npm, for machines whose own Node is older. */
const packagedNode = join(projectDir, 'node_modules', 'node', 'bin', 'node')

const isSystemNodeRecent = Number(process.versions.node.split('.')[0]) >= 24

/** The Node (24 or newer) that runs everything except set-up; null until the npm packages are installed. */
export function node24() {
  if (isSystemNodeRecent) return process.execPath
  return existsSync(packagedNode) ? packagedNode : null
}
