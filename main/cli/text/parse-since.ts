const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/**
 * How long ago (`90s`, `30m`, `2h`, `7d`, `2w`) or since when (ISO 8601; without a zone, local time).
 *
 * @returns milliseconds since 1970; null if it is neither
 */
export function parseSince(text: string, nowEpochMs: number): number | null {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)([smhdw])$/.exec(text) ?? []
  if (amount !== undefined && unit !== undefined) return Math.max(0, nowEpochMs - Number(amount) * (UNIT_MS[unit] ?? NaN))
  const atMs = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : NaN
  return Number.isNaN(atMs) ? null : Math.max(0, atMs)
}
