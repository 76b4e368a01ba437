/** 256 random bits in hexadecimal: what a cluster makes for itself, and `exo cluster new-key` prints. */
export function isGeneratedKey(key: string): boolean {
  return /^[0-9a-f]{64}$/.test(key)
}
