import type { Clock } from '../../platform/clock.ts'
import type { Log } from '../../platform/log/log.ts'
import { errorMessage } from '../../shared/app-error.ts'
import type { HardwareFacts } from '../../shared/hardware.ts'
import type { HardwareReader } from './hardware-reader.ts'

/** Used right after a change, because a cable comes up in steps. */
const MIN_INTERVAL_MS = 2_000
const MEMORY_INTERVAL_MS = 5_000
/** A changed address breaks the rings that use it. */
const ADDRESS_INTERVAL_MS = 1_000

export interface HardwareProbeDependencies {
  readonly reader: HardwareReader
  readonly clock: Pick<Clock, 'now' | 'sleep'>
  readonly log: Pick<Log, 'info' | 'warn'>
  /** The addresses of the machine, cheap enough to read every second. When they change, all facts are read. */
  readonly addresses?: () => string
  /** Called with the first facts and whenever they differ from the last ones, including free memory. */
  readonly onFacts: (facts: HardwareFacts) => void
}

/**
 * Watches the machine until `signal` aborts, and then returns. If a later reading fails completely, earlier facts are
 * kept.
 *
 * @throws the error of the first reading: a node does not start without knowing its memory
 */
export async function probeHardware(
  { reader, clock, log, addresses, onFacts }: HardwareProbeDependencies,
  signal: AbortSignal,
): Promise<void> {
  try {
    let facts = await reader.read(signal)
    onFacts(facts)
    let changedAt = clock.now()
    let readAt = clock.now()
    const update = (next: HardwareFacts): void => {
      if (isSame(facts, next)) return
      facts = next
      onFacts(facts)
    }
    for (;;) {
      const untilReadMs = Math.max(0, readAt + probeIntervalMs(clock.now() - changedAt, reader.restIntervalMs) - clock.now())
      const hasMoved = await addressesChange(Math.min(untilReadMs, MEMORY_INTERVAL_MS), { clock, addresses }, signal)
      const isDue = hasMoved || untilReadMs <= MEMORY_INTERVAL_MS
      try {
        const availableBytes = isDue ? null : await reader.readAvailableBytes(signal)
        const next = isDue ? await reader.read(signal) : { ...facts, availableBytes: availableBytes ?? facts.availableBytes }
        if (isDue && !isSame(withoutMemory(facts), withoutMemory(next))) {
          changedAt = clock.now()
          log.info('hardware changed', { missing: next.missing })
        }
        update(next)
      } catch (error) {
        if (signal.aborted) return
        log.warn('hardware could not be read; the last known facts stay', { error: errorMessage(error) })
      }
      if (isDue) readAt = clock.now()
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

/** Waits for the duration, or until the addresses change; @returns whether they have changed */
async function addressesChange(
  waitMs: number,
  { clock, addresses }: Pick<HardwareProbeDependencies, 'clock' | 'addresses'>,
  signal: AbortSignal,
): Promise<boolean> {
  if (!addresses) return clock.sleep(waitMs, signal).then(() => false)
  const known = addresses()
  for (let leftMs = waitMs; leftMs > 0; leftMs -= ADDRESS_INTERVAL_MS) {
    await clock.sleep(Math.min(leftMs, ADDRESS_INTERVAL_MS), signal)
    if (addresses() !== known) return true
  }
  return false
}

/** A quarter of the time since the last change, within limits: fast after a change, and slower the longer nothing changes. */
export function probeIntervalMs(sinceChangeMs: number, restIntervalMs: number): number {
  return Math.min(restIntervalMs, Math.max(MIN_INTERVAL_MS, sinceChangeMs / 4))
}

function withoutMemory(facts: HardwareFacts): HardwareFacts {
  return { ...facts, availableBytes: 0 }
}

/** Both are plain data of the same schema, with keys in the same order. */
function isSame(a: HardwareFacts, b: HardwareFacts): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
