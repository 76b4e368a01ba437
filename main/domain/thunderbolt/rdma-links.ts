import type { HardwareFacts, ThunderboltPort } from '../../shared/hardware.ts'
import type { NodeId } from '../../shared/ids.ts'
import type { CableObstacle, RdmaLink } from '../../shared/topology.ts'
import { rdmaObstacle } from '../topology/rdma-obstacle.ts'
import { topologyNode } from './topology-node.ts'

export type FactsByNode = ReadonlyMap<NodeId, HardwareFacts>

/** One cable, reported by both of its ends; `from` and `to` each name their own port. */
interface Cable {
  readonly from: NodeId
  readonly fromPort: ThunderboltPort
  readonly to: NodeId
  readonly toPort: ThunderboltPort
}

/** The speed of Thunderbolt 4 and its cables; RDMA requires Thunderbolt 5. */
const THUNDERBOLT_4_GIGABITS_PER_SECOND = 40

/**
 * Every directed RDMA link of the cluster: both ends are enabled, both ports are active, both sides report the cable,
 * and neither port is in a bridge. Both directions always exist together. Two cables between a pair give two links each
 * way.
 */
export function rdmaLinks(factsByNode: FactsByNode): RdmaLink[] {
  const isAble = new Set([...factsByNode.keys()].filter((nodeId) => nodeObstacles(factsByNode, nodeId).length === 0))
  return cablesOf(factsByNode)
    .filter(({ from, to }) => isAble.has(from) && isAble.has(to))
    .filter((cable) => cableObstacles(cable, factsByNode, true).length === 0)
    .flatMap(({ from, fromPort: { rdmaDevice }, to, toPort: { rdmaDevice: peerDevice } }) =>
      rdmaDevice === null || peerDevice === null
        ? []
        : { kind: 'rdma' as const, from, to, device: rdmaDevice, peerDevice, roundTripMs: null },
    )
}

/**
 * Why two nodes have no RDMA link, for the user; empty if they have one. Problems of a node itself come first, because
 * a cable cannot fix them.
 */
export function rdmaObstacles(factsByNode: FactsByNode, a: NodeId, b: NodeId): string[] {
  const [factsOfA, factsOfB] = [factsByNode.get(a), factsByNode.get(b)]
  const ofNodes = [...nodeObstacles(factsByNode, a), ...nodeObstacles(factsByNode, b)]
  if (!factsOfA || !factsOfB) return ofNodes
  const cables = cablesOf(
    new Map([
      [a, factsOfA],
      [b, factsOfB],
    ]),
  ).filter(({ from }) => from === a)
  if (cables.length === 0) return [...ofNodes, missingCable(factsOfA, factsOfB)]
  const perCable = cables.map((cable) => cableObstacles(cable, factsByNode, ofNodes.length === 0))
  return [...ofNodes, ...(perCable.some((obstacles) => obstacles.length === 0) ? [] : new Set(perCable.flat()))]
}

/** All pairs of nodes that are connected by cable, as seen from either end, but have no RDMA link. */
export function cablesWithoutRdma(factsByNode: FactsByNode): CableObstacle[] {
  const linked = new Set(rdmaLinks(factsByNode).map(({ from, to }) => `${from} ${to}`))
  const nodeOfUuid = new Map(
    [...factsByNode].flatMap(([nodeId, { thunderboltPorts }]) => thunderboltPorts.map(({ domainUuid }) => [domainUuid, nodeId] as const)),
  )
  const pairs = new Map<string, [NodeId, NodeId]>()
  for (const [viewer, { thunderboltPorts }] of factsByNode) {
    for (const uuid of thunderboltPorts.flatMap(({ peerDomainUuids }) => peerDomainUuids)) {
      const seen = nodeOfUuid.get(uuid)
      if (seen === undefined || seen === viewer || linked.has(`${viewer} ${seen}`)) continue
      const pair: [NodeId, NodeId] = viewer < seen ? [viewer, seen] : [seen, viewer]
      pairs.set(pair.join(' '), pair)
    }
  }
  return [...pairs.values()].map(([a, b]) => {
    const ofNodes = [...nodeObstacles(factsByNode, a), ...nodeObstacles(factsByNode, b)]
    return { between: [a, b], reasons: rdmaObstacles(factsByNode, a, b).slice(ofNodes.length) }
  })
}

/** What prevents RDMA on a node regardless of its cables. A bridge prevents it only on its own ports. */
function nodeObstacles(factsByNode: FactsByNode, nodeId: NodeId): string[] {
  const facts = factsByNode.get(nodeId)
  const obstacle = rdmaObstacle(nodeId, facts && { ...topologyNode(facts), thunderboltBridge: null })
  return obstacle === null ? [] : [obstacle]
}

/** If RDMA is off at either end the port is down anyway, so it is not reported separately. */
function cableObstacles({ from, fromPort, to, toPort }: Cable, factsByNode: FactsByNode, isRdmaOn: boolean): string[] {
  const [factsOfFrom, factsOfTo] = [factsByNode.get(from), factsByNode.get(to)]
  if (!factsOfFrom || !factsOfTo) return []
  const ofPorts = [...portObstacles(factsOfFrom, fromPort), ...portObstacles(factsOfTo, toPort)]
  const slow = [fromPort, toPort].find(
    ({ gigabitsPerSecond }) => gigabitsPerSecond !== null && gigabitsPerSecond <= THUNDERBOLT_4_GIGABITS_PER_SECOND,
  )
  // Active ports prove that the cable is suitable, whatever its reported speed.
  const ofCable =
    slow && ofPorts.length > 0
      ? [
          `cable between ${factsOfFrom.name} and ${factsOfTo.name} runs at ${slow.gigabitsPerSecond} Gb/s: RDMA ` +
            'needs Thunderbolt 5 ports and cable',
        ]
      : ofPorts
  return [...bridgeObstacles(from, factsOfFrom, fromPort), ...bridgeObstacles(to, factsOfTo, toPort), ...(isRdmaOn || slow ? ofCable : [])]
}

function bridgeObstacles(nodeId: NodeId, facts: HardwareFacts, { deviceName }: ThunderboltPort): string[] {
  const { bridge } = facts
  const isBridged = bridge?.isActive === true && deviceName !== null && bridge.members.includes(deviceName)
  return isBridged ? [rdmaObstacle(nodeId, { ...topologyNode(facts), thunderboltBridge: bridge.name }) ?? ''] : []
}

function portObstacles(facts: HardwareFacts, port: ThunderboltPort): string[] {
  if (port.rdmaDevice === null) return [`no RDMA device for Thunderbolt ${port.receptacle} on ${facts.name}`]
  if (port.portState === 'active') return []
  const hint = isPortWithoutRdma(facts, port) ? ': the port next to Ethernet does not support RDMA, move the cable to another' : ''
  return [
    port.portState === 'down'
      ? `${port.rdmaDevice} is down on ${facts.name}${hint}`
      : `state of ${port.rdmaDevice} unknown on ${facts.name}${hint}`,
  ]
}

/** The Mac Studio's first Thunderbolt port, next to Ethernet, lists an RDMA device but does not activate it. */
export function isPortWithoutRdma({ model }: HardwareFacts, port: ThunderboltPort): boolean {
  return model === 'Mac Studio' && port.deviceName === 'en2'
}

function missingCable(a: HardwareFacts, b: HardwareFacts): string {
  const sees = (viewer: HardwareFacts, other: HardwareFacts): boolean =>
    viewer.thunderboltPorts.some(({ peerDomainUuids }) =>
      other.thunderboltPorts.some(({ domainUuid }) => peerDomainUuids.includes(domainUuid)),
    )
  if (sees(a, b)) return `cable between ${a.name} and ${b.name} seen only from ${a.name}`
  if (sees(b, a)) return `cable between ${a.name} and ${b.name} seen only from ${b.name}`
  return `no cable between ${a.name} and ${b.name}`
}

/** Ordered by node and port. */
function cablesOf(factsByNode: FactsByNode): Cable[] {
  const ends = [...factsByNode].flatMap(([nodeId, { thunderboltPorts }]) => thunderboltPorts.map((port) => ({ nodeId, port })))
  const endsByUuid = new Map<string, typeof ends>()
  for (const end of ends) {
    const same = endsByUuid.get(end.port.domainUuid)
    if (same) same.push(end)
    else endsByUuid.set(end.port.domainUuid, [end])
  }
  return ends.flatMap(({ nodeId: from, port: fromPort }) =>
    fromPort.peerDomainUuids
      .flatMap((uuid) => endsByUuid.get(uuid) ?? [])
      .filter(({ nodeId, port }) => nodeId !== from && port.peerDomainUuids.includes(fromPort.domainUuid))
      .map(({ nodeId: to, port: toPort }) => ({ from, fromPort, to, toPort })),
  )
}
