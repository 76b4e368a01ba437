import { createHash } from 'node:crypto'

/** Identifies a secret of 256 random bits without revealing it. */
export function keyIdOf(secret: string): string {
  return createHash('sha256').update('exo key id ').update(Buffer.from(secret, 'hex')).digest('hex').slice(0, 32)
}
