import type { RecordedHardware } from '../../domain/mac/recorded-hardware.ts'
import type { HardwareFacts } from '../../shared/hardware.ts'

/** Reads the hardware of one machine. */
export interface HardwareReader {
  /** All facts. Unreadable ones are named in `missing`. Rejects when `signal` aborts, or with an AppError if nothing can be read. */
  read(signal: AbortSignal): Promise<HardwareFacts>
  /** Only the free memory, which is cheap to read; null if it cannot be read now. */
  readAvailableBytes(signal: AbortSignal): Promise<number | null>
  /** The raw output of the machine's commands, in the format of `--hardware`. Rejects with AppError `not-a-mac` on other machines. */
  record(signal: AbortSignal): Promise<RecordedHardware>
  /** The longest time between two readings of all facts. */
  readonly restIntervalMs: number
}
