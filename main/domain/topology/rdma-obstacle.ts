import type { NodeId } from '../../shared/ids.ts'
import type { TopologyNode } from '../../shared/topology.ts'

/** The first version of macOS with RDMA over Thunderbolt. */
export const RDMA_MACOS_VERSION = '26.2'

/** The display name of a node. */
export function nodeName(nodeId: NodeId, node: TopologyNode | undefined): string {
  return node?.name ?? nodeId
}

/** Why a node cannot use RDMA, with the fix; null: no obstacle is known. */
export function rdmaObstacle(nodeId: NodeId, node: TopologyNode | undefined): string | null {
  const name = nodeName(nodeId, node)
  if (!node) return `${name} is not known`
  const isMac = node.platform === undefined || node.platform === 'darwin' || node.platform === 'macos'
  if (isMac && node.osVersion && isOlder(node.osVersion, RDMA_MACOS_VERSION))
    return `macOS ${node.osVersion} < ${RDMA_MACOS_VERSION} on ${name}`
  if (node.rdma === 'disabled') return `rdma-disabled on ${name} (rdma_ctl enable, in Recovery)`
  if (node.rdma === 'unknown') return `rdma-unknown on ${name} (rdma_ctl status reported neither enabled nor disabled)`
  if (node.rdma === 'absent') return `no RDMA on ${name} (requires a Mac with Thunderbolt 5)`
  if (node.thunderboltBridge)
    return `Thunderbolt bridge active on ${name} (${node.thunderboltBridge}: exo thunderbolt plan shows how to turn it off)`
  return null
}

/** Compares versions number by number. A missing part counts as 0, and text that is not a version counts as new. */
export function isOlder(version: string, than: string): boolean {
  const left = versionNumbers(version)
  const right = versionNumbers(than)
  if (!left || !right) return false
  for (let part = 0; part < Math.max(left.length, right.length); part++) {
    const difference = (left[part] ?? 0) - (right[part] ?? 0)
    if (difference !== 0) return difference < 0
  }
  return false
}

function versionNumbers(version: string): number[] | null {
  const match = /\d+(\.\d+)*/.exec(version)
  return match ? match[0].split('.').map(Number) : null
}
