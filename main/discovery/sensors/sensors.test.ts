import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { CommandResult } from '../../platform/processes/run-command.ts'
import { MachineSensors } from '../../shared/hardware.ts'
import { createSensorReader } from './create-sensor-reader.ts'
import { createLinuxSensorReader } from './linux-sensors.ts'
import { createMacSensorReader } from './mac-sensors.ts'
import { watchSensors } from './watch-sensors.ts'

const { signal } = new AbortController()
const printed = (stdout: string): CommandResult => ({ kind: 'exited', exitCode: 0, stdout, stderr: '' })

describe('the sensors of Linux', () => {
  let root = ''
  let nowMs = 0
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'exo-sensors-'))
    nowMs = 0
  })
  afterEach(() => rm(root, { recursive: true, force: true }))

  const put = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
  const runCommand = vi.fn(async () => printed(''))
  const open = (command = runCommand) =>
    createLinuxSensorReader({ sysDir: join(root, 'sys'), procDir: join(root, 'proc'), clock: { now: () => nowMs }, runCommand: command })

  it('of a machine without any are not known, and no command runs', async () => {
    expect(await open()(signal)).toBeNull()
    expect(runCommand).not.toHaveBeenCalled()
  })
  it('of an AMD GPU and processor: the use, the power of both, and the higher temperature', async () => {
    await put('sys/class/drm/card0/device/gpu_busy_percent', '43\n')
    await put('sys/class/drm/card0/device/hwmon/hwmon3/power1_average', '85000000\n')
    await put('sys/class/drm/card0/device/hwmon/hwmon3/temp1_input', '61000\n')
    await put('sys/class/drm/card0-HDMI-A-1/device/gpu_busy_percent', '99\n')
    await put('sys/class/hwmon/hwmon1/name', 'k10temp\n')
    await put('sys/class/hwmon/hwmon1/temp1_input', '70400\n')
    await put('sys/class/hwmon/hwmon2/name', 'nvme\n')
    await put('sys/class/hwmon/hwmon2/temp1_input', '90000\n')
    await put('sys/class/powercap/intel-rapl:0/energy_uj', '1000000\n')
    await put('sys/class/powercap/intel-rapl:0:0/energy_uj', '1000000\n')
    const read = open()
    expect(await read(signal)).toEqual({ gpuRatio: 0.43, watts: 85, celsius: 70 })
    nowMs = 5_000
    await put('sys/class/powercap/intel-rapl:0/energy_uj', '101000000\n')
    expect(await read(signal)).toEqual({ gpuRatio: 0.43, watts: 105, celsius: 70 })
  })
  it('leave out a counter of energy that starts over, and sensors that are not connected', async () => {
    await put('sys/class/powercap/intel-rapl:0/energy_uj', '900000000\n')
    await put('sys/class/hwmon/hwmon1/name', 'coretemp\n')
    await put('sys/class/hwmon/hwmon1/temp1_input', '-128000\n')
    const read = open()
    expect(await read(signal)).toBeNull()
    nowMs = 1_000
    await put('sys/class/powercap/intel-rapl:0/energy_uj', '1000\n')
    expect(await read(signal)).toBeNull()
  })
  it('of NVIDIA GPUs come from nvidia-smi, also where one does not tell its power', async () => {
    await put('proc/driver/nvidia/gpus/0000:01:00.0/information', 'Model: H200\n')
    const smi = vi.fn(async () => printed('12, 150.50, 41\n87, [N/A], 66\n'))
    expect(await open(smi)(signal)).toEqual({ gpuRatio: 0.87, watts: 151, celsius: 66 })
    expect(await open(vi.fn(async (): Promise<CommandResult> => ({ kind: 'timed-out' })))(signal)).toBeNull()
  })
})

describe('the sensors of a Mac', () => {
  it('tell the use of its GPU', async () => {
    const text = '"PerformanceStatistics" = {"Tiler Utilization %"=3,"Device Utilization %"=37,"Renderer Utilization %"=35}'
    expect(await createMacSensorReader(async () => printed(text))(signal)).toEqual({ gpuRatio: 0.37 })
    expect(await createMacSensorReader(async () => ({ kind: 'absent' }))(signal)).toBeNull()
  })
})

describe('watchSensors', () => {
  it('asks no more where there is nothing, and tells each reading otherwise', async () => {
    const sleep = vi.fn(async () => undefined)
    const nothing = vi.fn(async () => null)
    await watchSensors(nothing, { sleep }, () => undefined, signal)
    expect(nothing).toHaveBeenCalledTimes(2)

    const told: unknown[] = []
    const stop = new AbortController()
    const read = async () => {
      if (told.length === 3) stop.abort()
      stop.signal.throwIfAborted()
      return { gpuRatio: told.length / 10 }
    }
    await watchSensors(read, { sleep }, (sensors) => void told.push(sensors), stop.signal)
    expect(told).toEqual([{ gpuRatio: 0 }, { gpuRatio: 0.1 }, { gpuRatio: 0.2 }])
  })
})

it('this very machine tells what it has, or nothing', async () => {
  const sensors = await createSensorReader(null, { now: () => 0 })(signal)
  expect(sensors === null || MachineSensors.parse(sensors)).toBeTruthy()
  expect(await createSensorReader('/tmp/mac.json', { now: () => 0 })(signal)).toBeNull()
})
