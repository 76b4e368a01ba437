/** When a process died, in milliseconds of one clock; oldest first. */
export type DeathTimes = readonly number[]

export interface RestartLimits {
  readonly firstDelayMs: number
  readonly maxDelayMs: number
  /** This many deaths within `windowMs` are too many. */
  readonly mostDeaths: number
  readonly windowMs: number
}

export const nodeRestartLimits: RestartLimits = { firstDelayMs: 500, maxDelayMs: 8_000, mostDeaths: 5, windowMs: 120_000 }

/**
 * Decides whether to restart a process that has just died.
 *
 * @returns the deaths to remember, and the delay before the restart; null: no automatic restart
 */
export function nextRestart(deaths: DeathTimes, nowMs: number, limits: RestartLimits): { deaths: DeathTimes; delayMs: number | null } {
  const recent = [...deaths.filter((time) => nowMs - time < limits.windowMs), nowMs]
  if (recent.length >= limits.mostDeaths) return { deaths: recent, delayMs: null }
  return { deaths: recent, delayMs: Math.min(limits.maxDelayMs, limits.firstDelayMs * 2 ** (recent.length - 1)) }
}
