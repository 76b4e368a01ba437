import type { NearbyCluster } from '../../shared/wire/membership.ts'
import type { PeerListing } from './peer-listing.ts'

/** The clusters that this node hears of and is not in, those with the most machines first. */
export function nearbyClusters(peers: readonly PeerListing[], own: { readonly clusterName: string; readonly needsKey: boolean }): NearbyCluster[] {
  const others = peers.filter(({ status, clusterName, needsKey }) => status !== 'linked' && (clusterName !== own.clusterName || needsKey !== own.needsKey))
  const names = [...new Set(others.map(({ clusterName, needsKey }) => `${needsKey} ${clusterName}`))]
  return names
    .map((name): NearbyCluster => {
      const members = others.filter(({ clusterName, needsKey }) => `${needsKey} ${clusterName}` === name)
      const { clusterName, needsKey } = members[0]!
      const machines = members.map(({ nodeId, name: machineName, totalBytes }) => ({ nodeId, name: machineName, totalBytes }))
      const told = machines.map(({ totalBytes }) => totalBytes).filter((bytes) => bytes !== null)
      return { clusterName, needsKey, machines, totalBytes: told.length === 0 ? null : told.reduce((sum, bytes) => sum + bytes, 0) }
    })
    .sort((first, second) => second.machines.length - first.machines.length || first.clusterName.localeCompare(second.clusterName, 'en'))
}

/** Where a cluster's nodes take connections, best first. */
export function addressesOfCluster(peers: readonly PeerListing[], clusterName: string): { readonly host: string; readonly port: number }[] {
  return peers
    .filter((peer) => peer.status !== 'linked' && peer.clusterName === clusterName)
    .flatMap(({ addresses }) => addresses)
    .flatMap((address) => {
      const [, host = '', port = ''] = /^\[?(.+?)\]?:(\d{1,5})$/.exec(address) ?? []
      return host === '' ? [] : [{ host, port: Number(port) }]
    })
}
