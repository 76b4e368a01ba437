import type { CpuInfo, NetworkInterfaceInfo } from 'node:os'
import { kindOfLinuxInterface } from '../../domain/mac/interface-kind.ts'
import type { MemoryFacts } from '../../platform/processes/memory.ts'
import { AppError } from '../../shared/app-error.ts'
import type { HardwareFacts, NetworkInterface } from '../../shared/hardware.ts'
import type { HardwareReader } from './hardware-reader.ts'

/** The functions of Node's `os` that are used here. */
export interface OperatingSystem {
  platform(): string
  hostname(): string
  release(): string
  cpus(): readonly Pick<CpuInfo, 'model'>[]
  networkInterfaces(): Readonly<Record<string, readonly Pick<NetworkInterfaceInfo, 'address' | 'internal'>[] | undefined>>
}

/** Memory, processors and interfaces of a machine other than a Mac, which has no RDMA over Thunderbolt. */
export function createLinuxHardwareReader(system: OperatingSystem, readMemory: () => Promise<MemoryFacts>): HardwareReader {
  return {
    restIntervalMs: 30_000,
    async read(): Promise<HardwareFacts> {
      const cpus = system.cpus()
      return {
        name: system.hostname(),
        platform: system.platform(),
        chip: cpus[0]?.model.trim() || 'unknown',
        model: null,
        osVersion: system.release(),
        cores: cpus.length || null,
        ...(await readMemory()),
        interfaces: interfacesOf(system),
        thunderboltPorts: [],
        rdma: 'absent',
        bridge: null,
        missing: [],
      }
    },
    record: async () => {
      throw new AppError('not-a-mac', 'This command needs a Mac. Run it on one, or use a recording of one with --hardware FILE.', {
        platform: system.platform(),
      })
    },
    readAvailableBytes: async () => (await readMemory()).availableBytes,
  }
}

function interfacesOf(system: OperatingSystem): NetworkInterface[] {
  return Object.entries(system.networkInterfaces()).flatMap(([name, entries = []]) => {
    const addresses = entries.filter(({ internal }) => !internal).map(({ address }) => address)
    return addresses.length === 0 ? [] : [{ name, kind: kindOfLinuxInterface(name), addresses }]
  })
}
