import { describe, expect, it } from 'vitest'
import type { LinkedPeer } from '../../cluster/link/links.ts'
import type { RefusedPeer } from '../../cluster/link/greeting/refused-peers.ts'
import type { DiscoveredPeer } from '../../discovery/peers/peer-table.ts'
import { NodeId } from '../../shared/ids.ts'
import { describePeers } from './peer-listing.ts'

const linked = (name: string): LinkedPeer => ({
  nodeId: NodeId.parse(name),
  nodeName: name,
  totalBytes: 16,
  address: { host: '10.0.0.1', port: 7000 },
  isDialer: true,
  roundTripMs: 0.5,
  sentBytes: 0,
  receivedBytes: 0,
})
const refused = (name: string, changes: Partial<RefusedPeer> = {}): RefusedPeer => ({
  nodeId: NodeId.parse(name),
  nodeName: name,
  totalBytes: 32,
  address: '10.0.0.2:7000',
  clusterName: 'desk',
  needsKey: true,
  code: 'key-missing',
  reason: 'it needs a key',
  seenAtMs: 0,
  ...changes,
})
const heard = (name: string, ...hosts: string[]): DiscoveredPeer =>
  ({
    nodeId: NodeId.parse(name),
    nodeName: name,
    clusterName: 'lab',
    needsKey: false,
    version: '0.1.0',
    totalBytes: 64,
    addresses: hosts.map((host) => ({ host, peerPort: 7000 })),
  }) as unknown as DiscoveredPeer

const own = { clusterName: 'desk', needsKey: false }

describe('describePeers', () => {
  it('lists each node once: as linked, else as refused, else as seen', () => {
    const peers = describePeers(
      {
        discovered: [heard('a', '10.0.0.1'), heard('b', '10.0.0.2'), heard('c', '10.0.0.3')],
        linked: [linked('a')],
        refused: [refused('b'), refused('a')],
      },
      own,
    )
    expect(peers.map(({ nodeId, status, clusterName, totalBytes, reason }) => [nodeId, status, clusterName, totalBytes, reason])).toEqual([
      ['a', 'linked', 'desk', 16, null],
      ['b', 'refused', 'desk', 32, 'it needs a key'],
      ['c', 'seen', 'lab', 64, null],
    ])
  })
  it('has only seen those of another cluster, also when they were asked', () => {
    const [peer] = describePeers(
      { discovered: [], refused: [refused('b', { clusterName: 'lab', code: 'other-cluster', reason: "it is in cluster 'lab'" })] },
      own,
    )
    expect(peer).toMatchObject({ status: 'seen', clusterName: 'lab', needsKey: true, totalBytes: 32, reason: null })
  })
  it('says over whom a node without a link is reached, also where others told of it', () => {
    const relayed = [{ nodeId: 'c', nodeName: 'c', totalBytes: 8, over: 'a' }]
    const peers = describePeers({ discovered: [heard('c', '10.0.0.3')], linked: [linked('a')], relayed }, own)
    expect(peers.map(({ nodeId, status, clusterName, addresses, reason }) => [nodeId, status, clusterName, addresses, reason])).toEqual([
      ['a', 'linked', 'desk', ['10.0.0.1'], null],
      ['c', 'linked', 'desk', [], 'over a'],
    ])
  })
  it('gives the addresses that were heard, IPv6 in brackets, or those of the link', () => {
    const peers = describePeers({ discovered: [heard('a', '10.0.0.1', 'fd77::1')], linked: [linked('a'), linked('d')] }, own)
    expect(peers.map(({ addresses }) => addresses)).toEqual([['10.0.0.1:7000', '[fd77::1]:7000'], ['10.0.0.1']])
  })
})
