import { parseRecordedHardware, type RecordedHardware, recordedHardwareFacts } from '../../domain/mac/recorded-hardware.ts'
import { AppError, errorMessage } from '../../shared/app-error.ts'
import type { HardwareFacts } from '../../shared/hardware.ts'
import type { HardwareReader } from './hardware-reader.ts'

/**
 * Reads a `--hardware` file afresh each time, so that editing the file simulates replugging the machine.
 *
 * `read` rejects with AppError `hardware-file-invalid` | `hardware-file-unreadable`.
 */
export function createRecordedHardwareReader(path: string, readFile: (path: string) => Promise<string>): HardwareReader {
  const record = async (): Promise<RecordedHardware> => {
    const text = await readFile(path).catch((cause: unknown) => {
      throw new AppError('hardware-file-unreadable', `cannot read the hardware file ${path}: ${errorMessage(cause)}`, { path }, cause)
    })
    return parseRecordedHardware(text, path)
  }
  const read = async (): Promise<HardwareFacts> => recordedHardwareFacts(await record())
  return { restIntervalMs: 2_000, read, record, readAvailableBytes: async () => (await read()).availableBytes }
}
