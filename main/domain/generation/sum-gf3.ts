import type { Trit } from '../../shared/inference/trit.ts'

/** The sum in GF(3), balanced: -1, 0 or +1. The empty sum is 0. */
export function sumGf3(trits: readonly Trit[]): Trit {
  return trits.reduce<Trit>((sum, trit) => balanced(sum + trit), 0)
}

/** @param value - from -2 to 2 */
function balanced(value: number): Trit {
  if (value > 1) return -1
  return value < -1 ? 1 : (value as Trit)
}
