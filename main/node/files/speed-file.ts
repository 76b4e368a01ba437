import { join } from 'node:path'
import { z } from 'zod'
import { DurableFile } from '../../platform/files/durable-file.ts'
import { MachineSpeed } from '../../shared/speed/machine-speed.ts'

/** The result of `exo calibrate`. */
const SpeedRecord = z.object({ measuredAt: z.iso.datetime(), modelId: z.string(), speed: MachineSpeed })
type SpeedRecord = z.infer<typeof SpeedRecord>

function speedFile(dataDir: string): DurableFile<SpeedRecord> {
  return new DurableFile<SpeedRecord>({
    path: join(dataDir, 'speed.json'),
    parse: (text) => SpeedRecord.parse(JSON.parse(text)),
    format: (record) => `${JSON.stringify(record, null, 2)}\n`,
    isExpendable: true,
  })
}

export async function saveSpeedRecord(dataDir: string, record: SpeedRecord): Promise<void> {
  await speedFile(dataDir).write(record)
}

/** null: this machine is not calibrated, or the file is damaged. */
export async function readMachineSpeed(dataDir: string): Promise<MachineSpeed | null> {
  return (await speedFile(dataDir).read())?.speed ?? null
}
