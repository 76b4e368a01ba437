/**
 * The slowest step so far of each size. Sizes are powers of two, because the time of a prompt chunk says nothing about
 * that of a decode step.
 */
export type SlowestSteps = ReadonlyMap<number, number>

export interface TimedStep {
  readonly tokens: number
  readonly durationMs: number
}

const sizeOf = (tokens: number): number => Math.ceil(Math.log2(Math.max(1, tokens)))

export function learnSteps(slowest: SlowestSteps, steps: readonly TimedStep[]): SlowestSteps {
  const longer = steps.filter(({ tokens, durationMs }) => durationMs > (slowest.get(sizeOf(tokens)) ?? 0))
  if (longer.length === 0) return slowest
  const learned = new Map(slowest)
  for (const { tokens, durationMs } of longer) learned.set(sizeOf(tokens), Math.max(learned.get(sizeOf(tokens)) ?? 0, durationMs))
  return learned
}

/** The slowest step of that size, or of the smallest larger size known; null if no step was as large. */
export function slowestMs(slowest: SlowestSteps, tokens: number): number | null {
  const known = [...slowest.keys()].filter((size) => size >= sizeOf(tokens))
  return known.length === 0 ? null : (slowest.get(Math.min(...known)) ?? null)
}
