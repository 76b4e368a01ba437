import { topologyNode } from '../../domain/thunderbolt/topology-node.ts'
import type { HardwareFacts } from '../../shared/hardware.ts'
import { version } from '../../shared/version.ts'
import type { NodeFacts } from '../../shared/wire/peer/cluster-event.ts'

const MAX_ADDRESSES = 64
const MAX_NARROW_PATHS = 64

/** The facts that a node reports to the cluster about itself and its machine. */
export function nodeFactsOf(
  hardware: HardwareFacts,
  node: Pick<NodeFacts, 'nodeId' | 'maxMemoryBytes' | 'sealRing' | 'apiPort' | 'peerPort' | 'narrowPaths' | 'speed'>,
): NodeFacts {
  const { name, platform, chip, model, osVersion, totalBytes, interfaces, thunderboltPorts, rdma, bridge } = hardware
  return {
    nodeId: node.nodeId,
    name,
    platform,
    chip,
    ...(node.speed && { speed: node.speed }),
    osVersion,
    totalBytes,
    maxMemoryBytes: node.maxMemoryBytes,
    sealRing: node.sealRing,
    addresses: interfaces.flatMap(({ addresses }) => addresses).slice(0, MAX_ADDRESSES),
    interfaces: interfaces.slice(0, MAX_ADDRESSES),
    apiPort: node.apiPort,
    peerPort: node.peerPort,
    version,
    rdma,
    thunderboltBridge: topologyNode(hardware).thunderboltBridge,
    model,
    thunderboltPorts,
    bridge,
    ...(node.narrowPaths?.length ? { narrowPaths: node.narrowPaths.slice(0, MAX_NARROW_PATHS) } : {}),
  }
}
