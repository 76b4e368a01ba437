import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../platform/clock.ts'
import { readTextIfThere } from '../../platform/files/read-text-if-there.ts'
import type { RunCommand } from '../../platform/processes/run-command.ts'
import { toMachineSensors } from './sensor-values.ts'
import type { SensorReader } from './watch-sensors.ts'

const NVIDIA_QUERY = ['--query-gpu=utilization.gpu,power.draw,temperature.gpu', '--format=csv,noheader,nounits'] as const
const NVIDIA_LIMIT_MS = 5_000
/** The drivers of processors' own temperature sensors. */
const PROCESSOR_SENSORS: ReadonlySet<string> = new Set(['coretemp', 'k10temp', 'zenpower', 'cpu_thermal'])

export interface LinuxSensorSources {
  /** Mount points; parameters for tests on recorded trees. */
  readonly sysDir: string
  readonly procDir: string
  readonly clock: Pick<Clock, 'now'>
  readonly runCommand: RunCommand
}

/** GPU use, power and temperature as far as users may read them: AMD's GPUs, NVIDIA's by `nvidia-smi`, RAPL, hwmon. */
export function createLinuxSensorReader({ sysDir, procDir, clock, runCommand }: LinuxSensorSources): SensorReader {
  const readNumber = async (path: string, unit: number): Promise<number> => {
    const text = (await readTextIfThere(path))?.trim()
    return text ? Number(text) * unit : Number.NaN
  }
  const list = (dir: string): Promise<string[]> => readdir(dir).catch(() => [])
  const foldersIn = async (dir: string, name: RegExp): Promise<string[]> =>
    (await list(dir)).filter((entry) => name.test(entry)).map((entry) => join(dir, entry))
  const readPackages = energyMeter(clock)

  return async (signal) => {
    const gpuRatios: number[] = []
    const watts: number[] = []
    const celsius: number[] = []
    for (const card of await foldersIn(join(sysDir, 'class/drm'), /^card\d+$/)) {
      gpuRatios.push(await readNumber(join(card, 'device/gpu_busy_percent'), 0.01))
      for (const sensor of await foldersIn(join(card, 'device/hwmon'), /^hwmon\d+$/)) {
        const average = await readNumber(join(sensor, 'power1_average'), 1e-6)
        watts.push(Number.isNaN(average) ? await readNumber(join(sensor, 'power1_input'), 1e-6) : average)
        celsius.push(await readNumber(join(sensor, 'temp1_input'), 1e-3))
      }
    }
    for (const sensor of await foldersIn(join(sysDir, 'class/hwmon'), /^hwmon\d+$/)) {
      const name = (await readTextIfThere(join(sensor, 'name')))?.trim() ?? ''
      if (PROCESSOR_SENSORS.has(name)) celsius.push(await readNumber(join(sensor, 'temp1_input'), 1e-3))
    }
    const joules = await Promise.all(
      (await foldersIn(join(sysDir, 'class/powercap'), /^intel-rapl:\d+$/)).map(
        async (dir) => [dir, await readNumber(join(dir, 'energy_uj'), 1e-6)] as const,
      ),
    )
    watts.push(...readPackages(joules))
    if ((await list(join(procDir, 'driver/nvidia/gpus'))).length > 0) {
      const result = await runCommand('nvidia-smi', NVIDIA_QUERY, NVIDIA_LIMIT_MS, signal)
      for (const [use, power, heat] of result.kind === 'exited' ? parseNvidia(result.stdout) : []) {
        gpuRatios.push(use / 100)
        watts.push(power)
        celsius.push(heat)
      }
    }
    return toMachineSensors({ gpuRatios, watts, celsius })
  }
}

/** Lines of three numbers. A figure that a GPU does not have is `[N/A]`. */
function parseNvidia(text: string): (readonly [use: number, power: number, heat: number])[] {
  return text
    .split('\n')
    .filter((line) => line.includes(','))
    .map((line) => {
      const [use = Number.NaN, power = Number.NaN, heat = Number.NaN] = line.split(',').map((part) => Number(part.trim() || Number.NaN))
      return [use, power, heat] as const
    })
}

/** Watts from counters of joules. A counter that starts over is left out once. */
function energyMeter(clock: Pick<Clock, 'now'>): (counters: readonly (readonly [name: string, joules: number])[]) => number[] {
  let last: { readonly atMs: number; readonly joules: ReadonlyMap<string, number> } | null = null
  return (counters) => {
    const nowMs = clock.now()
    const before = last
    last = { atMs: nowMs, joules: new Map(counters) }
    if (before === null || nowMs <= before.atMs) return []
    return counters.map(([name, joules]) => ((joules - (before.joules.get(name) ?? Number.NaN)) * 1000) / (nowMs - before.atMs))
  }
}
