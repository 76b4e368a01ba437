import { describe, expect, it } from 'vitest'
import type { LinkedPeer } from '../cluster/link/links.ts'
import type { RefusedPeer } from '../cluster/link/refused-peers.ts'
import type { DiscoveredPeer } from '../discovery/peers/peer-table.ts'
import { NodeId } from '../shared/ids.ts'
import { describePeers } from './peer-listing.ts'

const linked = (name: string): LinkedPeer => ({ nodeId: NodeId.parse(name), nodeName: name, address: { host: '10.0.0.1', port: 7000 }, isDialer: true, roundTripMs: 0.5 })
const refused = (name: string): RefusedPeer => ({ nodeId: NodeId.parse(name), nodeName: name, address: '10.0.0.2:7000', clusterName: 'desk', needsKey: true, code: 'key-missing', reason: 'it needs a key', seenAtMs: 0 })
const heard = (name: string, ...hosts: string[]): DiscoveredPeer =>
  ({ nodeId: NodeId.parse(name), nodeName: name, clusterName: 'lab', needsKey: false, version: '0.1.0', addresses: hosts.map((host) => ({ host, peerPort: 7000 })) }) as unknown as DiscoveredPeer

const own = { clusterName: 'desk', needsKey: false }

describe('describePeers', () => {
  it('lists each node once: as linked, else as refused, else as seen', () => {
    const peers = describePeers([heard('a', '10.0.0.1'), heard('b', '10.0.0.2'), heard('c', '10.0.0.3')], [linked('a')], [refused('b'), refused('a')], own)
    expect(peers.map(({ nodeId, status, clusterName, reason }) => [nodeId, status, clusterName, reason])).toEqual([
      ['a', 'linked', 'desk', null],
      ['b', 'refused', 'desk', 'it needs a key'],
      ['c', 'seen', 'lab', null],
    ])
  })
  it('gives the addresses that were heard, IPv6 in brackets, or those of the link', () => {
    const peers = describePeers([heard('a', '10.0.0.1', 'fd77::1')], [linked('a'), linked('d')], [], own)
    expect(peers.map(({ addresses }) => addresses)).toEqual([['10.0.0.1:7000', '[fd77::1]:7000'], ['10.0.0.1']])
  })
})
