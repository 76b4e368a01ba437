import { describe, expect, it } from 'vitest'
import { macLayouts } from '../../domain/mac/__fixtures__/mac-layouts.ts'
import { macCommands, type MacCommand } from '../../domain/mac/mac-outputs.ts'
import { RecordedHardware, recordedHardwareFacts } from '../../domain/mac/recorded-hardware.ts'
import type { CommandResult } from '../../platform/processes/run-command.ts'
import { HardwareFacts } from '../../shared/hardware.ts'
import { createHardwareReader } from './create-hardware-reader.ts'
import { createLinuxHardwareReader, type OperatingSystem } from './linux-hardware-reader.ts'
import { createMacHardwareReader } from './mac-hardware-reader.ts'
import { createRecordedHardwareReader } from './recorded-hardware-reader.ts'

const signal = new AbortController().signal
const recorded = RecordedHardware.parse(macLayouts['four Macs, ring'][1])
const printed = (stdout: string): CommandResult => ({ kind: 'exited', exitCode: 0, stdout, stderr: '' })

/** A Mac whose commands print the output in the recording. */
function liveMac(changes: Readonly<Record<string, CommandResult>> = {}) {
  const answers: Record<string, CommandResult> = {
    'scutil --get ComputerName': printed(`${recorded.name}\n`),
    sw_vers: printed('ProductName:\t\tmacOS\nProductVersion:\t\t26.2\nBuildVersion:\t\t25C56\n'),
    'sysctl hw.memsize hw.ncpu machdep.cpu.brand_string': printed(
      `hw.memsize: ${recorded.totalBytes}\nhw.ncpu: 32\nmachdep.cpu.brand_string: ${recorded.chip}\n`,
    ),
    vm_stat: printed(
      'Mach Virtual Memory Statistics: (page size of 16384 bytes)\nPages wired down:  1000.\nPages ' +
        'purgeable:  10.\nAnonymous pages:  2000.\nPages occupied by compressor:  10.\n',
    ),
  }
  for (const command of Object.keys(macCommands) as MacCommand[]) {
    const value = recorded[command]
    answers[macCommands[command]] = printed(typeof value === 'string' ? value : JSON.stringify(value))
  }
  const ran: string[] = []
  const reader = createMacHardwareReader({
    hostname: () => 'studio-2.local',
    totalBytes: () => 7,
    runCommand: async (program, programArguments) => {
      const command = [program, ...programArguments].join(' ')
      ran.push(command)
      return { ...answers, ...changes }[command] ?? { kind: 'absent' }
    },
  })
  return { reader, ran }
}

describe('createMacHardwareReader', () => {
  it('sees a live Mac as the recording of it', async () => {
    const availableBytes = recorded.totalBytes - 3000 * 16384
    expect(await liveMac().reader.read(signal)).toEqual({ ...recordedHardwareFacts({ ...recorded, availableBytes }), cores: 32 })
  })
  it('offers no more memory than the GPU may have, as the system or its user has set it', async () => {
    const limit = (megabytes: number) => ({ 'sysctl iogpu.wired_limit_mb': printed(`iogpu.wired_limit_mb: ${megabytes}\n`) })
    for (const [megabytes, availableBytes] of [
      [0, (recorded.totalBytes * 3) / 4],
      [4096, 4096 * 2 ** 20],
    ] as const) {
      const { reader } = liveMac(limit(megabytes))
      expect(await reader.read(signal)).toMatchObject({ totalBytes: recorded.totalBytes, availableBytes, missing: [] })
      expect(await reader.readAvailableBytes(signal)).toBe(availableBytes)
    }
  })
  it('records itself so that the recording reads the same', async () => {
    const recording = await liveMac().reader.record(signal)
    expect({ ...recordedHardwareFacts(recording), cores: 32 }).toEqual(await liveMac().reader.read(signal))
  })
  it('reads free memory by one command', async () => {
    const { reader, ran } = liveMac()
    await reader.read(signal)
    ran.length = 0
    expect(await reader.readAvailableBytes(signal)).toBe(recorded.totalBytes - 3000 * 16384)
    expect(ran).toEqual(['vm_stat'])
  })
  it('names what failed, and why, and has all the rest', async () => {
    const { reader } = liveMac({
      ibv_devinfo: { kind: 'timed-out' },
      ibv_devices: { kind: 'stuck' },
      'rdma_ctl status': { kind: 'absent' },
      ifconfig: { kind: 'exited', exitCode: 1, stdout: '', stderr: 'ifconfig: interface does not exist\nmore' },
      'scutil --get ComputerName': { kind: 'absent' },
    })
    const facts = await reader.read(signal)
    expect(facts).toMatchObject({ name: 'studio-2.local', rdma: 'absent', osVersion: '26.2', totalBytes: recorded.totalBytes })
    expect(facts.thunderboltPorts.map(({ deviceName, portState }) => [deviceName, portState])).toContainEqual(['en3', 'unknown'])
    expect(Object.fromEntries(facts.missing.map(({ source, reason }) => [source, reason]))).toEqual({
      ibv_devinfo: 'no answer within 5 s',
      ibv_devices: 'an earlier run still hangs: replug the Thunderbolt cables, or restart this Mac',
      'rdma_ctl status': 'command not found',
      ifconfig: 'exit status 1: ifconfig: interface does not exist',
      'scutil --get ComputerName': 'command not found',
    })
  })
  it('takes `No IB devices found` on stderr for an answer', async () => {
    const { reader } = liveMac({ ibv_devinfo: { kind: 'exited', exitCode: 255, stdout: '', stderr: 'No IB devices found\n' } })
    expect((await reader.read(signal)).missing).toEqual([])
  })
  it('has facts of a Mac where every command fails', async () => {
    const reader = createMacHardwareReader({ hostname: () => 'mac', totalBytes: () => 64e9, runCommand: async () => ({ kind: 'absent' }) })
    expect(await reader.read(signal)).toMatchObject({
      name: 'mac',
      chip: 'unknown',
      osVersion: 'unknown',
      totalBytes: 64e9,
      availableBytes: 64e9,
      thunderboltPorts: [],
    })
  })
})

describe('createLinuxHardwareReader', () => {
  const system: OperatingSystem = {
    platform: () => 'linux',
    hostname: () => 'box',
    release: () => '6.1.0',
    cpus: () => [{ model: 'AMD EPYC ' }, { model: 'AMD EPYC ' }],
    networkInterfaces: () => ({
      lo: [{ address: '127.0.0.1', internal: true }],
      eth0: [{ address: '10.0.0.7', internal: false }],
      tun0: undefined,
    }),
  }
  it('tells memory, processors and interfaces', async () =>
    expect(await createLinuxHardwareReader(system, async () => ({ totalBytes: 9, availableBytes: 4 })).read(signal)).toEqual({
      name: 'box',
      platform: 'linux',
      chip: 'AMD EPYC',
      model: null,
      osVersion: '6.1.0',
      cores: 2,
      totalBytes: 9,
      availableBytes: 4,
      interfaces: [{ name: 'eth0', kind: 'ethernet', addresses: ['10.0.0.7'] }],
      thunderboltPorts: [],
      rdma: 'absent',
      bridge: null,
      missing: [],
    }))
})

describe('createRecordedHardwareReader', () => {
  it('reads the file again each time', async () => {
    let text = JSON.stringify(recorded)
    const reader = createRecordedHardwareReader('/tmp/mac.json', async () => text)
    expect(await reader.read(signal)).toEqual(recordedHardwareFacts(recorded))
    text = JSON.stringify({ ...recorded, rdmaCtl: 'disabled\n', availableBytes: 5 })
    expect(await reader.read(signal)).toMatchObject({ rdma: 'disabled', availableBytes: 5 })
  })
  it('says which file cannot be read', () =>
    expect(createHardwareReader('/nowhere/mac.json').read(signal)).rejects.toMatchObject({
      code: 'hardware-file-unreadable',
      message: expect.stringContaining('/nowhere/mac.json'),
    }))
})

describe('createHardwareReader', () => {
  it('reads this very machine', async () => {
    const facts = await createHardwareReader(null).read(signal)
    expect(HardwareFacts.parse(facts)).toEqual(facts)
    expect(facts.totalBytes).toBeGreaterThan(2 ** 28)
    expect(facts.availableBytes).toBeLessThanOrEqual(facts.totalBytes)
  })
})
