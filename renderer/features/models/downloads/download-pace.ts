/** How much of a download was there at a time. */
export interface PaceSample {
  readonly atMs: number
  readonly doneBytes: number
}

const WINDOW_MS = 10_000
/** Shorter times say little. */
const LEAST_MS = 1_500

/** Adds a sample and drops those that are too old. A download that started again begins anew. */
export function addPaceSample(samples: readonly PaceSample[], sample: PaceSample): PaceSample[] {
  const last = samples.at(-1)
  if (last !== undefined && sample.doneBytes < last.doneBytes) return [sample]
  return [...samples.filter(({ atMs }) => sample.atMs - atMs <= WINDOW_MS), sample]
}

/** Bytes per second over the last seconds; null: too early to tell. */
export function paceOf(samples: readonly PaceSample[]): number | null {
  const [first, last] = [samples[0], samples.at(-1)]
  if (!first || !last || last.atMs - first.atMs < LEAST_MS) return null
  return (1000 * (last.doneBytes - first.doneBytes)) / (last.atMs - first.atMs)
}
