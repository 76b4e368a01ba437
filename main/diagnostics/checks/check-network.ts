import type { HardwareFacts } from '../../shared/hardware.ts'
import { sayFinding, sayPart } from '../../shared/doctor/say-finding.ts'
import { type Check, checkOf } from '../check.ts'
import type { DoctorFacts } from '../doctor-facts.ts'

/** Whether this machine finds and reaches the others. */
export function checkNetwork(facts: DoctorFacts): Check[] {
  return [
    ...checkInterfaces(facts.self),
    checkPeers(facts),
    ...checkSubnets(facts),
    ...checkFirewall(facts),
    ...checkMulticast(facts),
    ...checkLeader(facts),
  ]
}

function checkInterfaces(self: HardwareFacts | null): Check[] {
  if (!self) return []
  const check = checkOf('network', 'Network')
  const connected = self.interfaces.filter(({ addresses }) => addresses.some((address) => !isLinkLocal(address)))
  if (connected.length === 0) return [check.warning(sayFinding('network-none'), sayFinding('network-fix'))]
  return [
    check.ok(sayFinding('network-good', { interfaces: connected.map(({ name, kind }) => sayPart('network-interface', { name, kind })) })),
  ]
}

function checkPeers({ cluster, discoveredPeers }: DoctorFacts): Check {
  const check = checkOf('peers', 'Peers')
  const peers = cluster ? Object.keys(cluster.nodes).length - 1 : discoveredPeers
  if (peers === null || peers < 0) return check.unknown(sayFinding('peers-unknown'), sayFinding('peers-unknown-fix'))
  if (peers > 0)
    return check.ok(
      cluster ? sayFinding('peers-good', { count: peers, cluster: cluster.clusterName }) : sayFinding('peers-discovered', { count: peers }),
    )
  return check.warning(sayFinding('peers-none'), sayFinding('peers-none-fix'))
}

function checkSubnets({ self, cluster, hardwareByNode }: DoctorFacts): Check[] {
  const here = cluster && (hardwareByNode.get(cluster.nodeId) ?? self)
  if (!here) return []
  const own = subnetsOf(here)
  const strangers = [...hardwareByNode].filter(
    ([nodeId, facts]) => nodeId !== cluster.nodeId && !subnetsOf(facts).some((subnet) => own.includes(subnet)),
  )
  const check = checkOf('subnets', 'Subnets')
  if (hardwareByNode.size < 2) return []
  if (strangers.length === 0) return [check.ok(sayFinding('subnets-good'))]
  return [
    check.warning(sayFinding('subnets-other', { machines: strangers.map(([, { name }]) => name).join(', ') }), sayFinding('subnets-fix')),
  ]
}

function checkFirewall({ firewall, self }: DoctorFacts): Check[] {
  if (self?.platform !== 'darwin') return []
  const check = checkOf('firewall', 'Firewall')
  const fix = sayFinding('firewall-fix')
  switch (firewall) {
    case 'off':
      return [check.ok(sayFinding('firewall-off'))]
    case 'on':
      return [check.ok(sayFinding('firewall-on'))]
    case 'blocks-all':
      return [check.problem(sayFinding('firewall-blocks'), fix)]
    case null:
      return [check.unknown(sayFinding('firewall-unknown'), fix)]
  }
}

function checkMulticast({ multicast, self }: DoctorFacts): Check[] {
  if (!multicast || multicast.length === 0) return []
  const check = checkOf('multicast', 'Multicast')
  const failed = multicast.filter(({ errorCode }) => errorCode !== null)
  if (failed.length === 0)
    return [check.ok(sayFinding('multicast-good', { interfaces: multicast.map(({ interfaceName }) => interfaceName).join(', ') }))]
  const errors = failed.map(({ interfaceName, errorCode }) => `${interfaceName}: ${errorCode}`).join(', ')
  // macOS returns this error to a program that lacks permission for the local network.
  if (self?.platform === 'darwin' && failed.some(({ errorCode }) => errorCode === 'EHOSTUNREACH'))
    return [check.problem(sayFinding('multicast-forbidden', { errors }), sayFinding('multicast-forbidden-fix'))]
  const line = failed.length === multicast.length ? check.problem : check.warning
  return [line(sayFinding('multicast-failed', { errors }), sayFinding('multicast-failed-fix'))]
}

function checkLeader({ cluster }: DoctorFacts): Check[] {
  if (!cluster) return []
  const check = checkOf('leader', 'Leader')
  if (!cluster.leader) return [check.problem(sayFinding('leader-none'), sayFinding('leader-fix'))]
  const { nodeId, term } = cluster.leader
  return [check.ok(sayFinding('leader-good', { machine: cluster.nodes[nodeId]?.name ?? nodeId, term }))]
}

function isLinkLocal(address: string): boolean {
  return /^(169\.254\.|fe80:)/i.test(address)
}

/** /24 for IPv4 and /64 for IPv6, the usual sizes. Link-local addresses do not identify a network. */
function subnetsOf({ interfaces }: HardwareFacts): string[] {
  return interfaces
    .flatMap(({ addresses }) => addresses)
    .filter((address) => !isLinkLocal(address))
    .map((address) => (address.includes(':') ? address.split(':').slice(0, 4).join(':') : address.split('.').slice(0, 3).join('.')))
}
