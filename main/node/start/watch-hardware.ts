import { probeHardware } from '../../discovery/hardware/probe-hardware.ts'
import { readInterfaceAddresses } from '../../discovery/peers/network-interface.ts'
import { type SensorReader, watchSensors } from '../../discovery/sensors/watch-sensors.ts'
import type { HardwareReader } from '../../discovery/hardware/hardware-reader.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Log } from '../../platform/log/log.ts'
import { AppError } from '../../shared/app-error.ts'
import type { HardwareFacts, MachineSensors } from '../../shared/hardware.ts'

const FIRST_FACTS_LIMIT_MS = 10_000

export interface WatchedHardware {
  /** The latest facts. */
  facts(): HardwareFacts
  /** What the sensors told last; null: nothing. */
  sensors(): MachineSensors | null
  onFacts(listener: () => void, signal: AbortSignal): void
}

/** Resolves with the first facts of this machine, and updates them until `signal` aborts. @throws AppError `hardware-unread` */
export async function watchHardware(
  reader: HardwareReader,
  readSensors: SensorReader,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  signal: AbortSignal,
): Promise<WatchedHardware> {
  let facts: HardwareFacts | null = null
  const listeners = new Set<() => void>()
  const first = new Promise<HardwareFacts>((resolve, reject) => {
    const onFacts = (next: HardwareFacts): void => {
      facts = next
      resolve(next)
      for (const listener of [...listeners]) listener()
    }
    probeHardware({ reader, clock, log, addresses: () => JSON.stringify(readInterfaceAddresses()), onFacts }, signal).catch(reject)
    clock
      .sleep(FIRST_FACTS_LIMIT_MS, signal)
      .then(() => reject(new AppError('hardware-unread', 'The memory size of this machine cannot be read.')), reject)
  })
  const known = await first
  let sensors: MachineSensors | null = null
  watchSensors(readSensors, clock, (next) => (sensors = next), signal).catch((error: unknown) =>
    log.warn('the sensors of this machine cannot be read', { error }),
  )
  return {
    facts: () => facts ?? known,
    sensors: () => sensors,
    onFacts(listener, ended) {
      listeners.add(listener)
      ended.addEventListener('abort', () => listeners.delete(listener), { once: true })
    },
  }
}
