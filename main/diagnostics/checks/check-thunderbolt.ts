import { isPortWithoutRdma } from '../../domain/thunderbolt/rdma-links.ts'
import { isOlder, RDMA_MACOS_VERSION } from '../../domain/topology/rdma-obstacle.ts'
import type { HardwareFacts, ThunderboltPort } from '../../shared/hardware.ts'
import { sayFinding, sayPart } from '../../shared/doctor/say-finding.ts'
import { type Check, checkOf } from '../check.ts'

/**
 * Checks what one machine needs for RDMA over Thunderbolt. A disabled setting matters only if a cable to another Mac is
 * plugged in.
 *
 * @param others - machines that have sent their facts: a port whose other end has RDMA off is down for that reason
 */
export function checkThunderbolt(facts: HardwareFacts, others: readonly HardwareFacts[]): Check[] {
  if (facts.platform !== 'darwin') return [checkOf('rdma', 'RDMA').ok(sayFinding('rdma-no-mac', { machine: facts.name }))]
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
  if (osVersion === 'unknown') return check.unknown(sayFinding('macos-version-unknown', { machine: name }))
  if (!isOlder(osVersion, RDMA_MACOS_VERSION)) return check.ok(sayFinding('macos-version-good', { version: osVersion, machine: name }))
  const finding = sayFinding('macos-version-old', { version: osVersion, needed: RDMA_MACOS_VERSION, machine: name })
  return cabled.length > 0 ? check.problem(finding, sayFinding('macos-version-fix', { needed: RDMA_MACOS_VERSION })) : check.ok(finding)
}

function checkRdma({ name, rdma, osVersion }: HardwareFacts, cabled: readonly ThunderboltPort[]): Check {
  const check = checkOf('rdma', 'RDMA')
  switch (rdma) {
    case 'enabled':
      return check.ok(sayFinding('rdma-on', { machine: name }))
    case 'disabled':
      return cabled.length > 0
        ? check.problem(sayFinding('rdma-off', { machine: name }), sayFinding('rdma-off-fix'))
        : check.ok(sayFinding('rdma-off-alone', { machine: name }))
    case 'absent':
      return check.ok(
        isOlder(osVersion, RDMA_MACOS_VERSION)
          ? sayFinding('rdma-not-in-macos', { version: osVersion, machine: name })
          : sayFinding('rdma-absent', { machine: name }),
      )
    case 'unknown':
      return check.unknown(sayFinding('rdma-unknown', { machine: name }), sayFinding('rdma-unknown-fix'))
  }
}

function checkBridge({ name, bridge }: HardwareFacts, cabled: readonly ThunderboltPort[]): Check {
  const check = checkOf('thunderbolt-bridge', 'Thunderbolt bridge')
  if (!bridge?.isActive) return check.ok(sayFinding('bridge-off', { machine: name }))
  const bridged = cabled.flatMap(({ deviceName }) => (deviceName !== null && bridge.members.includes(deviceName) ? deviceName : []))
  if (bridged.length === 0) return check.ok(sayFinding('bridge-alone', { bridge: bridge.name, machine: name }))
  return check.problem(sayFinding('bridge-on', { machine: name, bridge: bridge.name, ports: bridged.join(', ') }), sayFinding('bridge-fix'))
}

function checkPorts(facts: HardwareFacts, cabled: readonly ThunderboltPort[], others: readonly HardwareFacts[]): Check[] {
  const check = checkOf('thunderbolt-ports', 'Thunderbolt ports')
  if (facts.rdma !== 'enabled') return []
  if (cabled.length === 0) return [check.ok(sayFinding('port-no-cable', { machine: facts.name }))]
  const isWaitingForPeer = ({ peerDomainUuids, portState }: ThunderboltPort): boolean =>
    portState !== 'active' &&
    others.some(
      ({ rdma, thunderboltPorts }) => rdma !== 'enabled' && thunderboltPorts.some(({ domainUuid }) => peerDomainUuids.includes(domainUuid)),
    )
  return cabled
    .filter((port) => !isWaitingForPeer(port))
    .map((port) => {
      const where = [
        port.deviceName === null
          ? sayPart('thunderbolt-port-bare', { port: port.receptacle, machine: facts.name })
          : sayPart('thunderbolt-port', { port: port.receptacle, device: port.deviceName, machine: facts.name }),
      ]
      if (port.gigabitsPerSecond !== null && port.gigabitsPerSecond <= 40)
        return check.warning(sayFinding('port-slow', { where, speed: `${port.gigabitsPerSecond} Gb/s` }), sayFinding('port-slow-fix'))
      if (port.portState === 'active')
        return check.ok(
          port.gigabitsPerSecond === null
            ? sayFinding('port-active', { where })
            : sayFinding('port-active-at', { where, speed: `${port.gigabitsPerSecond} Gb/s` }),
        )
      if (isPortWithoutRdma(facts, port)) return check.problem(sayFinding('port-wrong', { where }), sayFinding('port-wrong-fix'))
      const fix = sayFinding('port-fix')
      if (port.rdmaDevice === null) return check.problem(sayFinding('port-no-device', { where }), fix)
      return port.portState === 'down'
        ? check.problem(sayFinding('port-down', { where, device: port.rdmaDevice }), fix)
        : check.unknown(sayFinding('port-unknown', { where, device: port.rdmaDevice }), fix)
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
    check.problem(sayFinding('port-no-address', { device: deviceName ?? '', machine: facts.name }), sayFinding('port-no-address-fix')),
  )
}
