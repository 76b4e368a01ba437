/**
 * The time that counts against a process. What the machine did not give it, because others computed or its group has a
 * quota, does not count; where it could have run and did not, as when it is stopped or deadlocked, all counts.
 */
export interface GivenTime {
  readonly livedMs: number
  /** Of `livedMs`: when the process was last seen to have used the processor. */
  readonly ranAtMs: number
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

export const NO_TIME: GivenTime = { livedMs: 0, ranAtMs: 0, countedMs: 0, pendingMs: 0, cpuMs: null, countedCpuMs: 0, isStarved: false }

export function liveOn(before: GivenTime, forMs: number): GivenTime {
  const time = { ...before, livedMs: before.livedMs + forMs }
  if (time.cpuMs === null) return { ...time, countedMs: time.countedMs + forMs }
  const pendingMs = time.pendingMs + forMs
  if (pendingMs < WINDOW_MS) return { ...time, pendingMs }
  const share = (time.cpuMs - time.countedCpuMs) / pendingMs
  const isStarved = share > BLOCKED_SHARE && share < FULL_SHARE
  return {
    ...time,
    countedMs: time.countedMs + (isStarved ? pendingMs * (share / FULL_SHARE) : pendingMs),
    pendingMs: 0,
    countedCpuMs: time.cpuMs,
    isStarved,
  }
}

export function seeCpu(time: GivenTime, cpuMs: number): GivenTime {
  const hasRun = cpuMs > (time.cpuMs ?? -1)
  return {
    ...time,
    ranAtMs: hasRun ? time.livedMs : time.ranAtMs,
    cpuMs: Math.max(cpuMs, time.cpuMs ?? 0),
    countedCpuMs: time.cpuMs === null ? cpuMs : time.countedCpuMs,
  }
}

/** For how long it has used no processor at all, as when it is stopped: one that others leave next to nothing uses a little. */
export function stoodMs({ cpuMs, livedMs, ranAtMs }: GivenTime): number {
  return cpuMs === null ? 0 : livedMs - ranAtMs
}

/** What counts at most so far. */
export function passedMs({ countedMs, pendingMs }: GivenTime): number {
  return countedMs + pendingMs
}
