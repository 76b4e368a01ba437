import type { RunCommand } from '../../platform/processes/run-command.ts'
import { toMachineSensors } from './sensor-values.ts'
import type { SensorReader } from './watch-sensors.ts'

const IOREG = ['-r', '-d', '1', '-w', '0', '-c', 'IOAccelerator'] as const
const LIMIT_MS = 5_000

/** The GPU use of a Mac. Its power and temperature are behind interfaces that no command shows to users other than root. */
export function createMacSensorReader(runCommand: RunCommand): SensorReader {
  return async (signal) => {
    const result = await runCommand('ioreg', IOREG, LIMIT_MS, signal)
    const text = result.kind === 'exited' ? result.stdout : ''
    const gpuRatios = [...text.matchAll(/"Device Utilization %"\s*=\s*(\d+)/g)].map(([, percent]) => Number(percent) / 100)
    return toMachineSensors({ gpuRatios, watts: [], celsius: [] })
  }
}
