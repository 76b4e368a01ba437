import type { HardwareFacts } from '../../shared/hardware.ts'
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
  if (connected.length === 0)
    return [
      check.warning(
        'no network interface has a network address',
        'plug in Ethernet or join a Wi-Fi network, unless this machine works alone',
      ),
    ]
  return [check.ok(connected.map(({ name, kind }) => `${name} (${kind})`).join(', '))]
}

function checkPeers({ cluster, discoveredPeers }: DoctorFacts): Check {
  const check = checkOf('peers', 'Peers')
  const peers = cluster ? Object.keys(cluster.nodes).length - 1 : discoveredPeers
  if (peers === null || peers < 0)
    return check.unknown('exo is not running here, and discovery was not tried', 'start exo, then run exo doctor again')
  if (peers > 0)
    return check.ok(cluster ? `${peers} in cluster ${cluster.clusterName}` : `${peers} found by discovery; exo is not running here`)
  return check.warning(
    'no other machines found',
    'open exo on them in the same cluster (--cluster, --cluster-key); allow exo in the firewall and in ' +
      'Privacy & Security > Local Network; connect them to one subnet, or use --peer HOST:PORT if multicast ' +
      'and broadcast are blocked',
  )
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
  if (strangers.length === 0) return [check.ok('all nodes share a subnet with this machine')]
  return [
    check.warning(
      `${strangers.map(([, { name }]) => name).join(', ')} not on a subnet of this machine`,
      'discovery does not cross subnets: connect them to one network, or start exo with --peer HOST:PORT',
    ),
  ]
}

function checkFirewall({ firewall, self }: DoctorFacts): Check[] {
  if (self?.platform !== 'darwin') return []
  const check = checkOf('firewall', 'Firewall')
  const fix = 'allow incoming connections for exo (and node) in System Settings > Network > Firewall > Options'
  switch (firewall) {
    case 'off':
      return [check.ok('off')]
    case 'on':
      return [check.ok('on; macOS asks once per program: allow exo')]
    case 'blocks-all':
      return [check.problem('blocks all incoming connections, including those of peers', fix)]
    case null:
      return [check.unknown('state cannot be read', fix)]
  }
}

function checkMulticast({ multicast, self }: DoctorFacts): Check[] {
  if (!multicast || multicast.length === 0) return []
  const check = checkOf('multicast', 'Multicast')
  const failed = multicast.filter(({ errorCode }) => errorCode !== null)
  if (failed.length === 0) return [check.ok(`sent on ${multicast.map(({ interfaceName }) => interfaceName).join(', ')}`)]
  const finding = failed.map(({ interfaceName, errorCode }) => `${interfaceName}: ${errorCode}`).join(', ')
  // macOS returns this error to a program that lacks permission for the local network.
  if (self?.platform === 'darwin' && failed.some(({ errorCode }) => errorCode === 'EHOSTUNREACH'))
    return [
      check.problem(
        `exo has no permission to use the local network (${finding})`,
        'turn on exo (or the terminal that starts it) in System Settings > Privacy & Security > Local Network',
      ),
    ]
  const line = failed.length === multicast.length ? check.problem : check.warning
  return [line(`cannot be sent (${finding})`, 'a firewall or VPN blocks it: allow UDP port 5353, or use --peer HOST:PORT')]
}

function checkLeader({ cluster }: DoctorFacts): Check[] {
  if (!cluster) return []
  const check = checkOf('leader', 'Leader')
  if (!cluster.leader)
    return [
      check.problem(
        'none elected: models cannot be loaded',
        'wait a few seconds; if this persists, the nodes cannot reach each other: see Peers, Firewall and Clock',
      ),
    ]
  const { nodeId, term } = cluster.leader
  return [check.ok(`${cluster.nodes[nodeId]?.name ?? nodeId}, term ${term}`)]
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
