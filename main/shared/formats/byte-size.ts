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
 * The number of bytes in a size as people write it: `48GB`, `512 MiB`, `1.5gb`. Decimal units are powers of 1000, `…iB`
 * powers of 1024.
 *
 * @returns null if the text is not a size, is zero, or lacks a unit
 */
export function parseByteSize(text: string): number | null {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*$/i.exec(text)
  const unitBytes = UNIT_BYTES[match?.[2]?.toLowerCase() ?? '']
  if (!match || unitBytes === undefined) return null
  const bytes = Math.floor(Number(match[1]) * unitBytes)
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : null
}

/** A readable size in decimal units, like those of hubs and `--max-memory`: `1.5 GB`. */
export const formatBytes = (bytes: number): string => writeSize(bytes, 1000, ['B', 'KB', 'MB', 'GB', 'TB', 'PB'])

/** A readable memory size in binary units, in which Macs are sold: `512 GiB`. */
export const formatMemory = (bytes: number): string => writeSize(bytes, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'])

/** A limit as a person has set it, in the unit that makes it a whole number: `48 GiB`, `50 GB`. */
export function formatByteLimit(bytes: number): string {
  const unit = ['gib', 'gb', 'mib', 'mb'].find((name) => bytes % (UNIT_BYTES[name] ?? Infinity) === 0)
  if (unit === undefined) return formatMemory(bytes)
  return `${bytes / (UNIT_BYTES[unit] ?? 1)} ${unit.replace('i', 'I').toUpperCase().replace('I', 'i')}`
}

function writeSize(bytes: number, base: number, units: readonly string[]): string {
  let value = bytes
  let power = 0
  for (; Math.abs(value) >= base && power < units.length - 1; power += 1) value /= base
  return `${power === 0 || Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(1)} ${units[power]}`
}
