import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { resolvePath } from '../../platform/files/default-folders.ts'

/**
 * A model as a person names it in a terminal. A node knows no relative paths, so a path, or a model folder in the current folder,
 * becomes an absolute path. Any other name stays as it is.
 */
export function folderOrName(text: string): string {
  const isPath = /^(~|\.{1,2})?\/|^(~|\.{1,2})$/.test(text)
  return isPath || (text !== '' && existsSync(join(resolvePath(text), 'config.json'))) ? resolvePath(text) : text
}
