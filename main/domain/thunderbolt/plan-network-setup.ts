import { isOlder, RDMA_MACOS_VERSION } from '../topology/rdma-obstacle.ts'
import { type CableNetwork, cableNetwork } from './cable-network.ts'
import { parseHardwarePorts } from '../mac/parse-hardware-ports.ts'
import { parseServiceOrder } from '../mac/parse-service-order.ts'
import { isPortWithoutRdma } from './rdma-links.ts'
import { type RecordedHardware, recordedHardwareFacts } from '../mac/recorded-hardware.ts'
import type { SetupCommand } from './setup-command.ts'
import type { UndoChange } from './undo-change.ts'
import type { HardwareFacts, ThunderboltPort } from '../../shared/hardware.ts'

export interface SetupStep {
  readonly explanation: string
  readonly command: SetupCommand
  /** The change to undo. */
  readonly undo: UndoChange | null
}

export interface NetworkSetupPlan {
  /** Empty if this Mac is already set up. */
  readonly steps: readonly SetupStep[]
  /** Notes about things that commands cannot do. */
  readonly notes: readonly string[]
}

const RECOVERY_NOTE =
  'RDMA is off. Only macOS Recovery can turn it on: shut down, hold the power button until the startup ' +
  'options appear, choose Options, open Utilities > Terminal, run `rdma_ctl enable`, and restart.'

/** The network setup that RDMA needs on this Mac: the bridge off, and an address for each cable on its own network. */
export function planNetworkSetup(recorded: RecordedHardware): NetworkSetupPlan {
  const facts = recordedHardwareFacts(recorded)
  const services = parseServiceOrder(recorded.serviceOrder ?? '') ?? []
  const portNames = new Map((parseHardwarePorts(recorded.hardwarePorts ?? '') ?? []).map(({ portName, device }) => [device, portName]))
  const cabled = facts.thunderboltPorts.filter(({ peerDomainUuids }) => peerDomainUuids.length > 0)
  const bridgeService = services.find(({ device, isEnabled }) => isEnabled && device !== '' && device === (facts.bridge?.name ?? 'bridge0'))
  const names = new Set(services.map(({ serviceName }) => serviceName))
  const networks = cabled.map((port) => ({ port, network: cableNetwork(port.domainUuid, port.peerDomainUuids[0] ?? '') }))
  const isClash = (own: CableNetwork): boolean => networks.filter(({ network }) => sameNetwork(network, own)).length > 1
  const addressed = networks.filter(({ port, network }) => port.deviceName !== null && needsAddress(facts, port) && !isClash(network))
  return {
    steps: [
      ...(bridgeService ? [disableService(bridgeService.serviceName)] : []),
      ...emptyBridge(facts),
      ...addressed.flatMap(({ port, network }) =>
        ownNetwork(port, portNames.get(port.deviceName ?? '') ?? `Thunderbolt ${port.receptacle}`, network, names),
      ),
    ],
    notes: [
      ...notesOf(facts, cabled),
      ...networks
        .filter(({ network }) => isClash(network))
        .map(
          ({ port }) => `Thunderbolt ${port.receptacle}: its cable would share a network with another cable. Move one end to another port.`,
        ),
    ],
  }
}

function disableService(name: string): SetupStep {
  return {
    explanation: `Turn off the service "${name}", so that macOS does not bridge the ports again`,
    command: ['networksetup', '-setnetworkserviceenabled', name, 'off'],
    undo: { change: 'service-off', service: name },
  }
}

function emptyBridge({ bridge }: HardwareFacts): SetupStep[] {
  if (!bridge?.isActive) return []
  const { name, members } = bridge
  return [
    ...members.map(
      (member): SetupStep => ({
        explanation: `Remove ${member} from ${name}`,
        command: ['ifconfig', name, 'deletem', member],
        undo: { change: 'member-out', bridge: name, member },
      }),
    ),
    { explanation: `Turn off ${name}`, command: ['ifconfig', name, 'down'], undo: { change: 'bridge-down', bridge: name } },
  ]
}

/** Creates a separate network service, so that removing it restores the previous state. */
function ownNetwork(
  port: ThunderboltPort,
  portName: string,
  { address, netmask, peerAddress }: CableNetwork,
  names: ReadonlySet<string>,
): SetupStep[] {
  const serviceName = `exo Thunderbolt ${port.receptacle}`
  const create: SetupStep = {
    explanation: `Create a network service for Thunderbolt ${port.receptacle} (${port.deviceName})`,
    command: ['networksetup', '-createnetworkservice', serviceName, portName],
    undo: { change: 'service-made', service: serviceName },
  }
  const configure: SetupStep = {
    explanation: `Assign it ${address}, on a network with only ${peerAddress} at the other end of the cable`,
    command: ['networksetup', '-setmanual', serviceName, address, netmask],
    undo: null,
  }
  return names.has(serviceName) ? [configure] : [create, configure]
}

/** A port has its own address unless it is a member of the bridge or has none at all. */
function needsAddress({ bridge, interfaces }: HardwareFacts, { deviceName }: ThunderboltPort): boolean {
  const isBridged = bridge?.isActive === true && deviceName !== null && bridge.members.includes(deviceName)
  const hasAddress = interfaces.some(({ name, addresses }) => name === deviceName && addresses.some((address) => address.includes('.')))
  return isBridged || !hasAddress
}

function sameNetwork(a: CableNetwork, b: CableNetwork): boolean {
  return [a.address, a.peerAddress].includes(b.address)
}

function notesOf(facts: HardwareFacts, cabled: readonly ThunderboltPort[]): string[] {
  const isTooOld = isOlder(facts.osVersion, RDMA_MACOS_VERSION)
  return [
    ...(isTooOld ? [`macOS ${facts.osVersion} < ${RDMA_MACOS_VERSION}: no RDMA over Thunderbolt. Update macOS.`] : []),
    ...(!isTooOld && facts.rdma !== 'enabled' ? [RECOVERY_NOTE] : []),
    ...cabled
      .filter((port) => isPortWithoutRdma(facts, port) && port.portState !== 'active')
      .map(
        ({ receptacle }) =>
          `Thunderbolt ${receptacle} is the port next to Ethernet, which does not support RDMA on a Mac Studio. ` +
          'Move its cable to another port.',
      ),
    ...(cabled.length === 0
      ? ['No Thunderbolt cable to another Mac. Connect the cables and run this again: addresses are assigned per cable.']
      : []),
  ]
}
