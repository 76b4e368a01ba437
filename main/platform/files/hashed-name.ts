import { createHash } from 'node:crypto'

/** A folder name for a name that comes from outside. It contains nothing of that name. */
export function hashedName(word: string): string {
  return createHash('sha256').update(word).digest('hex').slice(0, 32)
}
