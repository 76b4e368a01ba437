/** 256 random bits in hexadecimal: the key that a cluster generates, and that `exo cluster new-key` prints. */
export function isGeneratedKey(key: string): boolean {
  return /^[0-9a-f]{64}$/.test(key)
}
