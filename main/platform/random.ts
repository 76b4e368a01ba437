import { randomBytes } from 'node:crypto'

/** Randomness, passed as a parameter like time. */
export interface Random {
  bytes(count: number): Uint8Array
  /** Unsigned 64-bit, in decimal. */
  seed(): string
  /** 96 random bits in hexadecimal after a prefix: `generation-6f0c…`. */
  id(prefix: string): string
  /** In [0, 1). */
  ratio(): number
}

export const systemRandom: Random = {
  bytes: (count) => new Uint8Array(randomBytes(count)),
  seed: () => randomBytes(8).readBigUInt64LE().toString(),
  id: (prefix) => `${prefix}-${randomBytes(12).toString('hex')}`,
  ratio: () => randomBytes(6).readUIntLE(0, 6) / 2 ** 48,
}
