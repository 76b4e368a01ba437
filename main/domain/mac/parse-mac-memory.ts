/**
 * Bytes in use as Activity Monitor counts them, from `vm_stat`: app memory (anonymous pages that are not purgeable),
 * wired memory and the compressor. Cached files count as free, because the system releases them on demand.
 *
 * @returns null if one of the counts is missing
 */
export function parseVmStat(text: string): number | null {
  const pageBytes = Number(/page size of (\d+) bytes/.exec(text)?.[1])
  const pages = (name: string): number => Number(new RegExp(`^"?${name}"?:\\s+(\\d+)\\.?\\s*$`, 'm').exec(text)?.[1])
  const used = pages('Anonymous pages') - pages('Pages purgeable') + pages('Pages wired down') + pages('Pages occupied by compressor')
  return Number.isSafeInteger(used * pageBytes) && used >= 0 && pageBytes > 0 ? used * pageBytes : null
}

export interface MacIdentity {
  readonly totalBytes: number | null
  readonly chip: string | null
  readonly cores: number | null
}

/** Reads `sysctl hw.memsize hw.ncpu machdep.cpu.brand_string`. */
export function parseSysctl(text: string): MacIdentity {
  const value = (key: string): string | null =>
    new RegExp(`^${key.replaceAll('.', '\\.')}\\s*[:=]\\s*(\\S.*?)\\s*$`, 'm').exec(text)?.[1] ?? null
  const count = (key: string): number | null => {
    const number = Number(value(key) ?? Number.NaN)
    return Number.isSafeInteger(number) && number > 0 ? number : null
  }
  return { totalBytes: count('hw.memsize'), cores: count('hw.ncpu'), chip: value('machdep.cpu.brand_string') }
}

/** The product version of `sw_vers`, such as `26.2`. */
export function parseSwVers(text: string): string | null {
  return /^ProductVersion:\s*(\d+(?:\.\d+)*)/m.exec(text)?.[1] ?? null
}
