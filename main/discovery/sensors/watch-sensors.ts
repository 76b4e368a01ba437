import type { Clock } from '../../platform/clock.ts'
import type { MachineSensors } from '../../shared/hardware.ts'

/** What the sensors tell now; null: nothing. Rejects only when `signal` aborts. */
export type SensorReader = (signal: AbortSignal) => Promise<MachineSensors | null>

const INTERVAL_MS = 5_000

/** Reads the sensors until `signal` aborts. A machine that tells nothing at first is not asked again. */
export async function watchSensors(
  read: SensorReader,
  clock: Pick<Clock, 'sleep'>,
  onSensors: (sensors: MachineSensors | null) => void,
  signal: AbortSignal,
): Promise<void> {
  try {
    // Power is the difference of two readings, so the first one may lack it.
    for (let reading = 0; ; reading += 1) {
      const sensors = await read(signal)
      onSensors(sensors)
      if (sensors === null && reading === 1) return
      await clock.sleep(INTERVAL_MS, signal)
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
