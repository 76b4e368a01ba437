import { rdmaObstacles } from '../../domain/thunderbolt/rdma-links.ts'
import { formatBytes } from '../../shared/formats/byte-size.ts'
import type { ClusterView, InstanceView } from '../../shared/cluster-view.ts'
import type { NodeId } from '../../shared/ids.ts'
import type { HardwareFacts, InterfaceKind } from '../../shared/hardware.ts'
import { sayFinding, sayPart } from '../../shared/doctor/say-finding.ts'
import { type Check, checkOf } from '../check.ts'
import type { DoctorFacts } from '../doctor-facts.ts'

/** Below this the system starts to swap, which stops a model from running at a usable speed. */
const LOW_MEMORY_RATIO = 0.05

/** Checks memory, failed models, and models that run slower than the machines allow. */
export function checkInstances(facts: DoctorFacts): Check[] {
  const { cluster } = facts
  if (!cluster) return checkMemory(facts.self ? [facts.self] : [])
  const instances = Object.values(cluster.instances)
  return [
    ...checkMemory(Object.values(cluster.nodes)),
    ...instances.flatMap((instance) => checkFailure(instance, cluster)),
    ...instances.flatMap((instance) => checkTransport(instance, facts)),
    ...checkWifi(cluster, facts.hardwareByNode),
  ]
}

function checkMemory(machines: readonly Pick<HardwareFacts, 'name' | 'totalBytes' | 'availableBytes'>[]): Check[] {
  const check = checkOf('memory', 'Memory')
  return machines.map(({ name, totalBytes, availableBytes }) => {
    const finding = sayFinding('memory', { free: formatBytes(availableBytes), total: formatBytes(totalBytes), machine: name })
    if (availableBytes >= totalBytes * LOW_MEMORY_RATIO) return check.ok(finding)
    return check.warning(finding, sayFinding('memory-fix'))
  })
}

function checkFailure(instance: InstanceView, cluster: ClusterView): Check[] {
  if (instance.status !== 'failed' && instance.status !== 'recovering') return []
  const check = checkOf('models-loaded', 'Models loaded')
  const neededBytes = instance.shards.reduce((sum, shard) => sum + shard.weightBytes, 0)
  const freeBytes = Object.values(cluster.nodes).reduce((sum, node) => sum + node.availableBytes, 0)
  const reasons = (instance.reasons ?? []).map((reason) => sayPart('reason', { reason }))
  const model = instance.modelId
  if (neededBytes > freeBytes)
    return [
      check.problem(
        sayFinding(`model-${instance.status}-memory`, {
          model,
          reasons: reasons.length > 0 ? reasons : [sayPart('reason-none')],
          needed: formatBytes(neededBytes),
          free: formatBytes(freeBytes),
        }),
        sayFinding('model-memory-fix', { most: formatBytes(freeBytes * 0.8) }),
      ),
    ]
  return [
    check.problem(
      sayFinding(`model-${instance.status}`, { model, reasons: reasons.length > 0 ? reasons : [sayPart('reason-none')] }),
      sayFinding('model-failed-fix'),
    ),
  ]
}

function checkTransport(instance: InstanceView, { hardwareByNode }: DoctorFacts): Check[] {
  const check = checkOf('transport', 'Transport')
  const nodeIds = [...new Set(instance.shards.map(({ nodeId }) => nodeId))]
  if (nodeIds.length < 2) return []
  if (instance.backend === 'jaccl') return [check.ok(sayFinding('transport-rdma', { model: instance.modelId }))]
  const obstacles = nodeIds.flatMap((a, index) => nodeIds.slice(index + 1).flatMap((b) => rdmaObstacles(hardwareByNode, a, b)))
  const isPossible = obstacles.length === 0 && nodeIds.every((nodeId) => hardwareByNode.has(nodeId))
  if (!isPossible) return [check.ok(sayFinding('transport-tcp', { model: instance.modelId }))]
  return [
    check.warning(
      instance.reasons?.length
        ? sayFinding('transport-slow-reasons', {
            model: instance.modelId,
            reasons: instance.reasons.map((reason) => sayPart('reason', { reason })),
          })
        : sayFinding('transport-slow', { model: instance.modelId }),
      sayFinding('transport-slow-fix'),
    ),
  ]
}

/** Traffic that uses Wi-Fi between two machines that are connected by a cable. */
function checkWifi({ links, nodes }: ClusterView, hardwareByNode: ReadonlyMap<NodeId, HardwareFacts>): Check[] {
  const check = checkOf('wifi', 'Wi-Fi')
  const used = new Map<string, { from: NodeId; to: NodeId; kind: InterfaceKind; roundTripMs: number }>()
  for (const { from, to, kind: linkKind, address, roundTripMs } of links) {
    const kind = hardwareByNode.get(to)?.interfaces.find(({ addresses }) => address !== undefined && addresses.includes(address))?.kind
    if (linkKind !== 'tcp' || kind === undefined) continue
    const best = used.get(`${from} ${to}`)
    if (!best || (roundTripMs ?? Infinity) < best.roundTripMs)
      used.set(`${from} ${to}`, { from, to, kind, roundTripMs: roundTripMs ?? Infinity })
  }
  const name = (nodeId: NodeId): string => nodes[nodeId]?.name ?? nodeId
  return [...used.values()].flatMap(({ from, to, kind }) => {
    const cable = kind === 'wifi' && from < to ? cableBetween(hardwareByNode.get(from), hardwareByNode.get(to)) : null
    return cable ? [check.warning(sayFinding(cable, { first: name(from), second: name(to) }), sayFinding('wifi-fix'))] : []
  })
}

function cableBetween(a: HardwareFacts | undefined, b: HardwareFacts | undefined): 'wifi-thunderbolt' | 'wifi-ethernet' | null {
  if (!a || !b) return null
  const isJoined = a.thunderboltPorts.some(({ peerDomainUuids }) =>
    b.thunderboltPorts.some(({ domainUuid }) => peerDomainUuids.includes(domainUuid)),
  )
  if (isJoined) return 'wifi-thunderbolt'
  const hasEthernet = ({ interfaces }: HardwareFacts): boolean =>
    interfaces.some(({ kind, addresses }) => kind === 'ethernet' && addresses.some((address) => !/^(169\.254\.|fe80:)/i.test(address)))
  return hasEthernet(a) && hasEthernet(b) ? 'wifi-ethernet' : null
}
