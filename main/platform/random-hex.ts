import type { Random } from './random.ts'

/** So many random bytes, as two hexadecimal digits each. */
export function randomHex(random: Pick<Random, 'bytes'>, bytes: number): string {
  return Buffer.from(random.bytes(bytes)).toString('hex')
}
