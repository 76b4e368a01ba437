/**
 * A seed is an unsigned 64-bit number and SQL's BIGINT is signed, so the column holds the same bits in two's
 * complement: seeds from 2^63 on are negative there.
 *
 * @param seed - decimal, below 2^64
 */
export function toSignedSeed(seed: string): bigint {
  return BigInt.asIntN(64, BigInt(seed))
}

export function fromSignedSeed(stored: bigint): string {
  return BigInt.asUintN(64, stored).toString()
}

/** The seed as given in the request, in SQL: `SELECT model, <this> AS seed FROM exo_inferences`. */
export const UNSIGNED_SEED_SQL = '(seed::HUGEINT + CASE WHEN seed < 0 THEN 18446744073709551616 ELSE 0 END)::UBIGINT'
