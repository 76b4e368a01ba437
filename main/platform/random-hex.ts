import type { Random } from './random.ts'

/** Random bytes as hexadecimal digits, two per byte. */
export function randomHex(random: Pick<Random, 'bytes'>, bytes: number): string {
  return Buffer.from(random.bytes(bytes)).toString('hex')
}
