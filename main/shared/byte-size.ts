const UNIT_BYTES: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
}

/**
 * Bytes of a size as people write it: `48GB`, `512 MiB`, `1.5gb`; decimal units are powers of 1000, `…iB` of 1024.
 *
 * @returns null when the text is no size, is zero, or has no unit
 */
export function parseByteSize(text: string): number | null {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*$/i.exec(text)
  const unitBytes = UNIT_BYTES[match?.[2]?.toLowerCase() ?? '']
  if (!match || unitBytes === undefined) return null
  const bytes = Math.floor(Number(match[1]) * unitBytes)
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : null
}

/** A size for people, in decimal units: `1.5 GB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB']
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, Math.abs(bytes))) / 3)))
  const value = bytes / 1000 ** power
  return `${power === 0 || value >= 100 ? value.toFixed(0) : value.toFixed(1)} ${units[power]}`
}
