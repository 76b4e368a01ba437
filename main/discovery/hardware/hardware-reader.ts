import type { RecordedHardware } from '../../domain/mac/recorded-hardware.ts'
import type { HardwareFacts } from '../../shared/hardware.ts'

/** Asks one machine what it is made of. */
export interface HardwareReader {
  /**
   * All facts. What cannot be read is named in `missing`; rejects when `signal` aborts, or with an AppError when there is nothing to tell.
   */
  read(signal: AbortSignal): Promise<HardwareFacts>
  /** Free memory alone, which is cheap; null when it cannot be read now. */
  readAvailableBytes(signal: AbortSignal): Promise<number | null>
  /** The machine's own words, as `--hardware` takes them. Rejects with AppError `not-a-mac` where they would say nothing. */
  record(signal: AbortSignal): Promise<RecordedHardware>
  /** The longest time between two readings of all facts. */
  readonly restIntervalMs: number
}
