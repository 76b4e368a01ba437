const UNIT_MS: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, µs: 1e-3, μs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 }
const STEP = String.raw`(\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)`
const SECONDS = String.raw`\d+(\.\d+)?`
const DURATION = new RegExp(`^[+-]?(${STEP})+$`)
/** The texts that `parseKeepAlive` reads, as a pattern for JSON schemas: empty, seconds, or a duration. */
export const KEEP_ALIVE_PATTERN = `^([+-]?(${SECONDS}|(${STEP})+))?$`
/** Longer than any node runs, but within the range of timers and dates. */
const LONGEST_MS = 100 * 365 * 24 * 3_600_000

/**
 * How long a model stays loaded after its last use, as clients write it: seconds, or a duration such as `1h30m`. Null:
 * forever, like any negative value. Undefined if the text is not a duration.
 */
export function parseKeepAlive(value: number | string): number | null | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? bounded(value * 1000) : undefined
  const text = value.trim()
  if (new RegExp(`^[+-]?${SECONDS}$`).test(text)) return bounded(Number(text) * 1000)
  if (!DURATION.test(text)) return undefined
  const ms = [...text.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * (UNIT_MS[unit ?? ''] ?? 0),
    0,
  )
  return bounded(text.startsWith('-') ? -ms : ms)
}

function bounded(ms: number): number | null {
  return ms < 0 ? null : Math.min(ms, LONGEST_MS)
}
