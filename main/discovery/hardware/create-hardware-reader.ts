import { readFile } from 'node:fs/promises'
import * as os from 'node:os'
import { readMemory } from '../../platform/processes/memory.ts'
import { createRunCommand } from '../../platform/processes/run-command.ts'
import type { HardwareReader } from './hardware-reader.ts'
import { createLinuxHardwareReader } from './linux-hardware-reader.ts'
import { createMacHardwareReader } from './mac-hardware-reader.ts'
import { createRecordedHardwareReader } from './recorded-hardware-reader.ts'

/** The reader for this machine, or for the recording that replaces it. */
export function createHardwareReader(hardwareFile: string | null): HardwareReader {
  const readText = (path: string): Promise<string> => readFile(path, 'utf8')
  if (hardwareFile !== null) return createRecordedHardwareReader(hardwareFile, readText)
  if (os.platform() !== 'darwin') return createLinuxHardwareReader(os, readMemory)
  return createMacHardwareReader({ runCommand: createRunCommand(), hostname: os.hostname, totalBytes: os.totalmem })
}
