import { createHash } from 'node:crypto'

/** One-way, and the same on every machine, so that the two ends of a cable still match. */
export function pseudonym(identifier: string): string {
  return createHash('sha256').update(`exo-recording\n${identifier}`).digest('hex')
}
