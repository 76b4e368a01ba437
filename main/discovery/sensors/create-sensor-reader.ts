import { platform } from 'node:os'
import type { Clock } from '../../platform/clock.ts'
import { createRunCommand } from '../../platform/processes/run-command.ts'
import { createLinuxSensorReader } from './linux-sensors.ts'
import { createMacSensorReader } from './mac-sensors.ts'
import type { SensorReader } from './watch-sensors.ts'

/** The reader for this machine's sensors. A recording of a machine has none. */
export function createSensorReader(hardwareFile: string | null, clock: Pick<Clock, 'now'>): SensorReader {
  const runCommand = createRunCommand()
  if (hardwareFile === null && platform() === 'darwin') return createMacSensorReader(runCommand)
  if (hardwareFile === null && platform() === 'linux')
    return createLinuxSensorReader({ sysDir: '/sys', procDir: '/proc', clock, runCommand })
  return async () => null
}
