import type { HardwareFacts, MissingFact, NetworkInterface, ThunderboltBridge, ThunderboltPort } from '../../shared/hardware.ts'
import type { RdmaState } from '../../shared/topology.ts'
import { isOlder, RDMA_MACOS_VERSION } from '../topology/rdma-obstacle.ts'
import { kindOfHardwarePort } from './interface-kind.ts'
import type { MachineIdentity, MacCommand, MacOutputs } from './mac-outputs.ts'
import { macCommands } from './mac-outputs.ts'
import type { HardwarePort } from './parse-hardware-ports.ts'
import { parseHardwarePorts, thunderboltSocket } from './parse-hardware-ports.ts'
import { parseIbvDevices } from './parse-ibv-devices.ts'
import { parseIbvDevinfo } from './parse-ibv-devinfo.ts'
import type { ConfiguredInterface } from './parse-ifconfig.ts'
import { parseIfconfig } from './parse-ifconfig.ts'
import { parseRdmaCtl } from './parse-rdma-ctl.ts'
import type { NetworkService } from './parse-service-order.ts'
import { parseServiceOrder } from './parse-service-order.ts'
import { parseSystemProfiler } from './parse-system-profiler.ts'

/**
 * Combines the output of a Mac's commands. Never throws: if a command failed or its output has a new format, its facts
 * are left out and it is named in `missing`.
 */
export function macHardwareFacts(
  identity: MachineIdentity,
  outputs: MacOutputs,
  missingBefore: readonly MissingFact[] = [],
): HardwareFacts {
  const missing: MissingFact[] = [...missingBefore]
  const isTooOld = isOlder(identity.osVersion, RDMA_MACOS_VERSION)
  const read = <Value>(command: MacCommand, parse: (value: unknown) => Value | null): Value | null => {
    const output = outputs[command]
    const value = output.kind === 'printed' ? parse(output.value) : null
    const isExpectedlyAbsent = output.kind === 'failed' && isRdmaCommand(command) && isTooOld
    if (value === null && !isExpectedlyAbsent)
      missing.push({
        source: macCommands[command],
        reason: output.kind === 'failed' ? output.reason : 'printed something that this version of exo cannot read',
      })
    return value
  }
  const readText = <Value>(command: MacCommand, parse: (text: string) => Value | null): Value | null =>
    read(command, (value) => (typeof value === 'string' ? parse(value) : null))

  const report = read('systemProfiler', parseSystemProfiler)
  const hardwarePorts = readText('hardwarePorts', parseHardwarePorts) ?? []
  const services = readText('serviceOrder', parseServiceOrder) ?? []
  const configured = readText('ifconfig', parseIfconfig) ?? []
  const rdma = readText('rdmaCtl', (text) => knownState(parseRdmaCtl(text)))
  const devices = readText('ibvDevices', parseIbvDevices)
  const portStates = readText('ibvDevinfo', parseIbvDevinfo)

  const deviceOf = (receptacle: string): string | null =>
    hardwarePorts.find((port) => thunderboltSocket(port) === receptacle)?.device ?? null
  const thunderboltPorts = (report?.buses ?? []).map((bus): ThunderboltPort => {
    const deviceName = deviceOf(bus.receptacle)
    const rdmaDevice = deviceName === null ? null : `rdma_${deviceName}`
    const isListed = rdmaDevice !== null && (devices === null || devices.includes(rdmaDevice))
    return {
      receptacle: bus.receptacle,
      deviceName,
      rdmaDevice: isListed ? rdmaDevice : null,
      domainUuid: bus.domainUuid,
      peerDomainUuids: [...bus.peerDomainUuids],
      gigabitsPerSecond: bus.gigabitsPerSecond,
      portState: (rdmaDevice === null ? undefined : portStates?.get(rdmaDevice)) ?? 'unknown',
    }
  })
  return {
    ...identity,
    platform: 'darwin',
    model: report?.model ?? null,
    interfaces: interfacesOf(hardwarePorts, configured),
    thunderboltPorts,
    rdma: rdma ?? stateWithoutWord(outputs, isTooOld),
    bridge: bridgeOf(hardwarePorts, services, configured),
    missing,
  }
}

function isRdmaCommand(command: MacCommand): boolean {
  return command === 'rdmaCtl' || command === 'ibvDevices' || command === 'ibvDevinfo'
}

function knownState(state: RdmaState): RdmaState | null {
  return state === 'unknown' ? null : state
}

function stateWithoutWord({ rdmaCtl }: MacOutputs, isTooOld: boolean): RdmaState {
  return isTooOld || (rdmaCtl.kind === 'failed' && rdmaCtl.isAbsent) ? 'absent' : 'unknown'
}

function interfacesOf(ports: readonly HardwarePort[], configured: readonly ConfiguredInterface[]): NetworkInterface[] {
  const addressesOf = (name: string): string[] => [...(configured.find((entry) => entry.name === name)?.addresses ?? [])]
  const known = ports.map(({ portName, device }) => ({ name: device, kind: kindOfHardwarePort(portName), addresses: addressesOf(device) }))
  const others = configured
    .filter(({ name, addresses }) => addresses.length > 0 && !/^lo\d/.test(name) && !ports.some(({ device }) => device === name))
    .map(({ name, addresses }) => ({ name, kind: 'other' as const, addresses: [...addresses] }))
  return [...known, ...others]
}

/**
 * A bridge is the Thunderbolt bridge according to its members or the name of its port. It carries frames only if it is
 * up, has a member, and is not disabled as a service.
 */
function bridgeOf(
  ports: readonly HardwarePort[],
  services: readonly NetworkService[],
  configured: readonly ConfiguredInterface[],
): ThunderboltBridge | null {
  const isThunderbolt = (device: string): boolean =>
    [...ports, ...services].some((port) => port.device === device && kindOfHardwarePort(port.portName) === 'thunderbolt')
  const bridges = configured
    .filter(({ name, members }) => /^bridge\d/.test(name) && (isThunderbolt(name) || members.some(isThunderbolt)))
    .map(({ name, members, isUp, hasCarrier }) => ({
      name,
      isActive: isUp && hasCarrier !== false && members.length > 0 && services.find(({ device }) => device === name)?.isEnabled !== false,
      members: [...members],
    }))
  return bridges.find(({ isActive }) => isActive) ?? bridges[0] ?? null
}
