import type { Random } from '../platform/random.ts'
import { randomHex } from '../platform/random-hex.ts'

/** A token that nobody guesses, by its first letters known for one of exo's. */
export function newApiToken(random: Pick<Random, 'bytes'>): string {
  return `exo-${randomHex(random, 32)}`
}
