import { createHash } from 'node:crypto'

/** A folder's name for what others named: nothing of their word is in it. */
export function hashedName(word: string): string {
  return createHash('sha256').update(word).digest('hex').slice(0, 32)
}
