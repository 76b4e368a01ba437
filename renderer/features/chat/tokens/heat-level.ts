/** From 0, almost certain, to 4, very unlikely. */
export type HeatLevel = 0 | 1 | 2 | 3 | 4
export const HEAT_LEVELS: readonly HeatLevel[] = [0, 1, 2, 3, 4]

/** The least probability of each level. */
const LEAST = [0.9, 0.6, 0.3, 0.1] as const

/** @param probability - null: unknown */
export function heatLevel(probability: number | null): HeatLevel {
  if (probability === null) return 0
  const level = LEAST.findIndex((least) => probability >= least)
  return HEAT_LEVELS[level === -1 ? LEAST.length : level] ?? 0
}
