/**
 * What the slowest step so far of each size took. Sizes are powers of two, because a prompt chunk says nothing about a decode step.
 */
export type SlowestSteps = ReadonlyMap<number, StepCost>

export interface StepCost {
  readonly durationMs: number
  /** Processor time of the whole process; null: not measured. */
  readonly cpuMs: number | null
}

export interface TimedStep {
  readonly tokens: number
  readonly durationMs: number
  readonly cpuMs?: number | undefined
}

const sizeOf = (tokens: number): number => Math.ceil(Math.log2(Math.max(1, tokens)))

/** @param mostMs - the time in which all of them ran: none took longer, whatever the clock on the wall says */
export function learnSteps(slowest: SlowestSteps, steps: readonly TimedStep[], mostMs: number): SlowestSteps {
  if (steps.length === 0) return slowest
  const learned = new Map(slowest)
  for (const { tokens, durationMs, cpuMs } of steps) {
    const before = learned.get(sizeOf(tokens))
    learned.set(sizeOf(tokens), {
      durationMs: Math.max(before?.durationMs ?? 0, Math.min(durationMs, mostMs)),
      cpuMs: cpuMs === undefined ? (before?.cpuMs ?? null) : Math.max(before?.cpuMs ?? 0, cpuMs),
    })
  }
  return learned
}

export interface ExpectedCost extends StepCost {
  /** A step of this size or a larger one has run. */
  readonly isKnown: boolean
}

/**
 * What a step of that size may take: the cost of the smallest known size that is not smaller. A step larger than any before is
 * expected to take proportionally longer than the largest one.
 *
 * @returns null before the first step
 */
export function expectedCost(slowest: SlowestSteps, tokens: number): ExpectedCost | null {
  const size = sizeOf(tokens)
  const sizes = [...slowest.keys()].toSorted((a, b) => a - b)
  const nearest = sizes.find((known) => known >= size) ?? sizes.at(-1)
  const cost = nearest === undefined ? undefined : slowest.get(nearest)
  if (nearest === undefined || !cost) return null
  const times = 2 ** Math.max(0, size - nearest)
  return { durationMs: cost.durationMs * times, cpuMs: cost.cpuMs === null ? null : cost.cpuMs * times, isKnown: size <= nearest }
}
