import type { HardwareFacts } from '../../shared/hardware.ts'
import type { TopologyNode } from '../../shared/topology.ts'

/** The facts of a machine that placement needs. */
export function topologyNode(facts: HardwareFacts): TopologyNode & Pick<Required<TopologyNode>, 'rdma' | 'thunderboltBridge'> {
  const { name, platform, osVersion, totalBytes, availableBytes, rdma } = facts
  return { name, platform, osVersion, totalBytes, availableBytes, rdma, thunderboltBridge: bridgeInTheWay(facts) }
}

/** A bridge is harmless while none of its members has a cable to another Mac. */
function bridgeInTheWay({ bridge, thunderboltPorts }: HardwareFacts): string | null {
  const isInTheWay =
    bridge?.isActive === true &&
    thunderboltPorts.some(
      ({ deviceName, peerDomainUuids }) => deviceName !== null && peerDomainUuids.length > 0 && bridge.members.includes(deviceName),
    )
  return isInTheWay ? bridge.name : null
}
