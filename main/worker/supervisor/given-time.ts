/**
 * The time that counts against a process. What the machine did not give it, because others computed or its group has a
 * quota, does not count; where it could have run and did not, as when it is stopped or deadlocked, all counts.
 */
export interface GivenTime {
  readonly countedMs: number
  /** Lived since the last look at the processor time, and not yet counted. */
  readonly pendingMs: number
  /** The newest known processor time of the process; null: unknown, and all that it lives counts. */
  readonly cpuMs: number | null
  readonly countedCpuMs: number
  /** In the last window it ran, but less than it would have alone. */
  readonly isStarved: boolean
}

/** Heartbeats tell the processor time each second: windows are longer. */
const WINDOW_MS = 2_000
/** A process that beats and does nothing else uses a fifth of this; one that is slowed 50 times uses twice as much. */
const BLOCKED_SHARE = 0.01
/** A thread that spins beside one other program is counted in full. */
const FULL_SHARE = 0.5

export const NO_TIME: GivenTime = { countedMs: 0, pendingMs: 0, cpuMs: null, countedCpuMs: 0, isStarved: false }

export function liveOn(time: GivenTime, forMs: number): GivenTime {
  if (time.cpuMs === null) return { ...time, countedMs: time.countedMs + forMs }
  const pendingMs = time.pendingMs + forMs
  if (pendingMs < WINDOW_MS) return { ...time, pendingMs }
  const share = (time.cpuMs - time.countedCpuMs) / pendingMs
  const isStarved = share > BLOCKED_SHARE && share < FULL_SHARE
  return { ...time, countedMs: time.countedMs + (isStarved ? pendingMs * (share / FULL_SHARE) : pendingMs), pendingMs: 0, countedCpuMs: time.cpuMs, isStarved }
}

export function seeCpu(time: GivenTime, cpuMs: number): GivenTime {
  return { ...time, cpuMs: Math.max(cpuMs, time.cpuMs ?? 0), countedCpuMs: time.cpuMs === null ? cpuMs : time.countedCpuMs }
}

/** What counts at most so far. */
export function passedMs({ countedMs, pendingMs }: GivenTime): number {
  return countedMs + pendingMs
}
