import type { Random } from '../../platform/random.ts'
import { randomHex } from '../../platform/random-hex.ts'

/** A random token; its prefix shows that it belongs to exo. */
export function newApiToken(random: Pick<Random, 'bytes'>): string {
  return `exo-${randomHex(random, 32)}`
}
