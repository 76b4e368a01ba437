import type { NearbyCluster } from '../../shared/wire/api/membership.ts'
import type { PeerListing } from './peer-listing.ts'

/** The clusters that this node has discovered and is not in, largest first. */
export function nearbyClusters(
  peers: readonly PeerListing[],
  own: { readonly clusterName: string; readonly needsKey: boolean },
): NearbyCluster[] {
  const others = peers.filter(
    ({ status, clusterName, needsKey }) => status !== 'linked' && (clusterName !== own.clusterName || needsKey !== own.needsKey),
  )
  const names = [...new Set(others.map(({ clusterName, needsKey }) => `${needsKey} ${clusterName}`))]
  return names
    .map((name): NearbyCluster => {
      const members = others.filter(({ clusterName, needsKey }) => `${needsKey} ${clusterName}` === name)
      const { clusterName, needsKey } = members[0]!
      const machines = members.map(({ nodeId, name: machineName, totalBytes }) => ({ nodeId, name: machineName, totalBytes }))
      const obstacle = obstacleOf(members, own.clusterName)
      const told = machines.map(({ totalBytes }) => totalBytes).filter((bytes) => bytes !== null)
      return {
        clusterName,
        needsKey,
        machines,
        totalBytes: told.length === 0 ? null : told.reduce((sum, bytes) => sum + bytes, 0),
        obstacle,
      }
    })
    .sort((first, second) => second.machines.length - first.machines.length || first.clusterName.localeCompare(second.clusterName, 'en'))
}

/**
 * The reason given by a cluster of another name that has refused this node. A missing or wrong key is not an obstacle
 * here, because the user can still enter one.
 */
function obstacleOf(members: readonly PeerListing[], ownName: string): string | null {
  const { clusterName, needsKey } = members[0]!
  if (addressesOfCluster(members, clusterName, needsKey).length === 0) return 'none of its machines announces its address'
  const refusals = clusterName === ownName ? [] : members.filter(({ status }) => status === 'refused')
  return refusals.length === members.length ? (refusals[0]?.reason ?? null) : null
}

/**
 * Addresses at which a cluster's nodes accept connections, best first. Two clusters may have the same name, one with a
 * key and one without: those that match `needsKey` are preferred.
 */
export function addressesOfCluster(
  peers: readonly PeerListing[],
  clusterName: string,
  needsKey: boolean,
): { readonly host: string; readonly port: number }[] {
  const named = peers.filter((peer) => peer.status !== 'linked' && peer.clusterName === clusterName)
  const alike = named.filter((peer) => peer.needsKey === needsKey)
  return (alike.length > 0 ? alike : named)
    .flatMap(({ addresses }) => addresses)
    .flatMap((address) => {
      const [, host = '', port = ''] = /^\[?(.+?)\]?:(\d{1,5})$/.exec(address) ?? []
      return host === '' ? [] : [{ host, port: Number(port) }]
    })
}
