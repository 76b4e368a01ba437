import { isPortWithoutRdma } from '../../domain/thunderbolt/rdma-links.ts'
import { isOlder, RDMA_MACOS_VERSION } from '../../domain/topology/rdma-obstacle.ts'
import type { HardwareFacts, ThunderboltPort } from '../../shared/hardware.ts'
import { type Check, checkOf } from '../check.ts'

const RECOVERY_CURE =
  'shut the Mac down, hold the power button until the startup options appear, choose Options, open ' +
  'Utilities > Terminal, run `rdma_ctl enable`, and restart'

/**
 * Checks what one machine needs for RDMA over Thunderbolt. A disabled setting matters only if a cable to another Mac is
 * plugged in.
 *
 * @param others - machines that have sent their facts: a port whose other end has RDMA off is down for that reason
 */
export function checkThunderbolt(facts: HardwareFacts, others: readonly HardwareFacts[]): Check[] {
  if (facts.platform !== 'darwin') return [checkOf('rdma', 'RDMA').ok(`${facts.name} is not a Mac: it connects over TCP`)]
  const cabled = facts.thunderboltPorts.filter(({ peerDomainUuids }) => peerDomainUuids.length > 0)
  return [
    checkVersion(facts, cabled),
    checkRdma(facts, cabled),
    checkBridge(facts, cabled),
    ...checkPorts(facts, cabled, others),
    ...checkAddresses(facts, cabled),
  ]
}

function checkVersion({ name, osVersion }: HardwareFacts, cabled: readonly ThunderboltPort[]): Check {
  const check = checkOf('macos-version', 'macOS')
  if (osVersion === 'unknown') return check.unknown(`macOS version of ${name} unknown`)
  if (!isOlder(osVersion, RDMA_MACOS_VERSION)) return check.ok(`macOS ${osVersion} on ${name}`)
  const finding = `macOS ${osVersion} < ${RDMA_MACOS_VERSION} on ${name}: no RDMA over Thunderbolt`
  return cabled.length > 0 ? check.problem(finding, `update to macOS ${RDMA_MACOS_VERSION} or later`) : check.ok(finding)
}

function checkRdma({ name, rdma, osVersion }: HardwareFacts, cabled: readonly ThunderboltPort[]): Check {
  const check = checkOf('rdma', 'RDMA')
  switch (rdma) {
    case 'enabled':
      return check.ok(`enabled on ${name}`)
    case 'disabled':
      return cabled.length > 0
        ? check.problem(`rdma-disabled on ${name} (rdma_ctl enable, in Recovery), with a Thunderbolt cable to another Mac`, RECOVERY_CURE)
        : check.ok(`disabled on ${name}, which has no Thunderbolt cable to another Mac`)
    case 'absent':
      return check.ok(isOlder(osVersion, RDMA_MACOS_VERSION) ? `not part of macOS ${osVersion} on ${name}` : `${name} has no rdma_ctl`)
    case 'unknown':
      return check.unknown(`rdma_ctl status on ${name} reported neither enabled nor disabled`, 'run `rdma_ctl status` in Terminal')
  }
}

function checkBridge({ name, bridge }: HardwareFacts, cabled: readonly ThunderboltPort[]): Check {
  const check = checkOf('thunderbolt-bridge', 'Thunderbolt bridge')
  if (!bridge?.isActive) return check.ok(`off on ${name}`)
  const bridged = cabled.flatMap(({ deviceName }) => (deviceName !== null && bridge.members.includes(deviceName) ? deviceName : []))
  if (bridged.length === 0) return check.ok(`${bridge.name} on ${name} has no cable to another Mac`)
  return check.problem(
    `Thunderbolt bridge active on ${name} (${bridge.name}) over ${bridged.join(', ')}: RDMA needs each port on its own network`,
    'run exo thunderbolt apply (exo thunderbolt undo reverts it)',
  )
}

function checkPorts(facts: HardwareFacts, cabled: readonly ThunderboltPort[], others: readonly HardwareFacts[]): Check[] {
  const check = checkOf('thunderbolt-ports', 'Thunderbolt ports')
  if (facts.rdma !== 'enabled') return []
  if (cabled.length === 0) return [check.ok(`no cable to another Mac on ${facts.name}`)]
  const isWaitingForPeer = ({ peerDomainUuids, portState }: ThunderboltPort): boolean =>
    portState !== 'active' &&
    others.some(
      ({ rdma, thunderboltPorts }) => rdma !== 'enabled' && thunderboltPorts.some(({ domainUuid }) => peerDomainUuids.includes(domainUuid)),
    )
  return cabled
    .filter((port) => !isWaitingForPeer(port))
    .map((port) => {
      const where = `Thunderbolt ${port.receptacle} (${port.deviceName ?? 'no network device'}) on ${facts.name}`
      if (port.gigabitsPerSecond !== null && port.gigabitsPerSecond <= 40)
        return check.warning(
          `${where} runs at ${port.gigabitsPerSecond} Gb/s`,
          'RDMA needs Thunderbolt 5 at both ends: check the cable (120 Gb/s) and the other Mac',
        )
      if (port.portState === 'active')
        return check.ok(`${where} is active${port.gigabitsPerSecond === null ? '' : ` at ${port.gigabitsPerSecond} Gb/s`}`)
      if (isPortWithoutRdma(facts, port))
        return check.problem(`${where} does not support RDMA: it is the port next to Ethernet`, 'move the cable to another port')
      const fix =
        'enable RDMA on the other Mac too, then reconnect the cable; if that does not help, restart both Macs ' +
        '(ibv_devinfo shows PORT_ACTIVE when it works)'
      if (port.rdmaDevice === null) return check.problem(`${where} has no RDMA device in ibv_devices`, fix)
      return port.portState === 'down'
        ? check.problem(`${where}: ${port.rdmaDevice} is down`, fix)
        : check.unknown(`${where}: state of ${port.rdmaDevice} unknown`, fix)
    })
}

/** MLX finds no identity for a port without an IPv4 address, and refuses to start. */
function checkAddresses(facts: HardwareFacts, cabled: readonly ThunderboltPort[]): Check[] {
  const check = checkOf('thunderbolt-addresses', 'Thunderbolt addresses')
  const isBare = ({ deviceName }: ThunderboltPort): boolean => {
    const own = facts.interfaces.find(({ name }) => name === deviceName)
    return own !== undefined && !own.addresses.some((address) => address.includes('.'))
  }
  const bare = cabled.filter(({ portState }) => portState === 'active').filter(isBare)
  if (facts.rdma !== 'enabled' || facts.bridge?.isActive) return []
  return bare.map(({ deviceName }) =>
    check.problem(
      `${deviceName} on ${facts.name} has no IPv4 address, without which JACCL cannot start`,
      'run exo thunderbolt apply to set one',
    ),
  )
}
