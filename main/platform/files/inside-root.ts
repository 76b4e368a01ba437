import { resolve, sep } from 'node:path'
import { AppError } from '../../shared/app-error.ts'

/**
 * A path below `root`, never `root` itself. Called before every write or delete whose path is built from outside input.
 * @throws AppError `outside-root`
 */
export function insideRoot(root: string, ...parts: readonly string[]): string {
  const base = resolve(root)
  const path = resolve(base, ...parts)
  if (!path.startsWith(base + sep) || path.includes('\0'))
    throw new AppError('outside-root', `A path outside ${base} was refused.`, { root: base })
  return path
}
