/**
 * The time that counts against a process. Time that the machine did not give it, because other programs computed or its
 * group has a quota, does not count. Time in which it could have run and did not, because it was stopped or deadlocked,
 * counts in full.
 */
export interface GivenTime {
  readonly livedMs: number
  /** In terms of `livedMs`: when the process was last seen using the processor. */
  readonly ranAtMs: number
  readonly countedMs: number
  /** Time since the processor time was last read, not counted yet. */
  readonly pendingMs: number
  /** The latest known processor time of the process; null: unknown, so that all its time counts. */
  readonly cpuMs: number | null
  readonly countedCpuMs: number
  /** In the last window it ran, but less than it would have run alone. */
  readonly isStarved: boolean
}

/** Longer than the interval of heartbeats, which report the processor time every second. */
const WINDOW_MS = 2_000
/** A process that only sends heartbeats uses a fifth of this; one that is slowed down 50 times uses twice as much. */
const BLOCKED_SHARE = 0.01
/** A thread that spins next to one other program counts in full. */
const FULL_SHARE = 0.5

export const NO_TIME: GivenTime = { livedMs: 0, ranAtMs: 0, countedMs: 0, pendingMs: 0, cpuMs: null, countedCpuMs: 0, isStarved: false }

export function liveOn(before: GivenTime, forMs: number): GivenTime {
  const time = { ...before, livedMs: before.livedMs + forMs }
  if (time.cpuMs === null) return { ...time, countedMs: time.countedMs + forMs }
  const pendingMs = time.pendingMs + forMs
  if (pendingMs < WINDOW_MS) return { ...time, pendingMs }
  const { givenMs, isStarved } = weigh({ ...time, pendingMs })
  return { ...time, countedMs: time.countedMs + givenMs, pendingMs: 0, countedCpuMs: time.cpuMs, isStarved }
}

/** How much of the pending time counts. */
function weigh({ cpuMs, countedCpuMs, pendingMs }: GivenTime): { givenMs: number; isStarved: boolean } {
  if (cpuMs === null || pendingMs === 0) return { givenMs: pendingMs, isStarved: false }
  const share = (cpuMs - countedCpuMs) / pendingMs
  const isStarved = share > BLOCKED_SHARE && share < FULL_SHARE
  return { givenMs: isStarved ? pendingMs * (share / FULL_SHARE) : pendingMs, isStarved }
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

/**
 * How long it has used no processor time at all, for example because it is stopped. A process that gets next to none
 * still uses a little.
 */
export function stoodMs({ cpuMs, livedMs, ranAtMs }: GivenTime): number {
  return cpuMs === null ? 0 : livedMs - ranAtMs
}

/** A moment in a process's life, by all of its clocks. */
export interface Moment {
  /** The most that may count so far. */
  readonly passedMs: number
  /** What counts so far, if the process goes on as it does. */
  readonly givenMs: number
  readonly livedMs: number
  /** null: unknown. */
  readonly cpuMs: number | null
}

export function momentOf(time: GivenTime): Moment {
  const { countedMs, pendingMs, livedMs, cpuMs } = time
  return { passedMs: countedMs + pendingMs, givenMs: countedMs + weigh(time).givenMs, livedMs, cpuMs }
}

/** The processor time that it has used since then; 0 if it is unknown. */
export function usedSince({ cpuMs }: GivenTime, moment: Moment): number {
  return cpuMs === null || moment.cpuMs === null ? 0 : cpuMs - moment.cpuMs
}
