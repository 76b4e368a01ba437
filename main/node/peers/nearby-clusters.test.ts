import { describe, expect, it } from 'vitest'
import { addressesOfCluster, nearbyClusters } from './nearby-clusters.ts'
import type { PeerListing } from './peer-listing.ts'

const peer = (name: string, clusterName: string, other: Partial<PeerListing> = {}): PeerListing => ({
  nodeId: name,
  name,
  clusterName,
  needsKey: false,
  totalBytes: null,
  addresses: [],
  status: 'seen',
  reason: null,
  roundTripMs: null,
  ...other,
})

describe('nearbyClusters', () => {
  it('gathers what is heard by cluster, the largest first, with the memory that is told', () => {
    const peers = [
      peer('a', 'lab', { totalBytes: 8 }),
      peer('b', 'desk', { totalBytes: 16 }),
      peer('c', 'desk'),
      peer('d', 'desk', { totalBytes: 4 }),
    ]
    expect(
      nearbyClusters(peers, { clusterName: 'mine', needsKey: false }).map(({ clusterName, machines, totalBytes }) => [
        clusterName,
        machines.length,
        totalBytes,
      ]),
    ).toEqual([
      ['desk', 3, 20],
      ['lab', 1, 8],
    ])
  })
  it('leaves out the own cluster, but not one of that name with a key', () => {
    const peers = [peer('a', 'mine', { status: 'linked' }), peer('b', 'mine'), peer('c', 'mine', { needsKey: true, status: 'refused' })]
    expect(nearbyClusters(peers, { clusterName: 'mine', needsKey: false })).toMatchObject([
      { clusterName: 'mine', needsKey: true, machines: [{ nodeId: 'c' }], totalBytes: null },
    ])
  })
})

describe('what is in the way of joining', () => {
  const obstacles = (...peers: PeerListing[]): (string | null)[] =>
    nearbyClusters(peers, { clusterName: 'mine', needsKey: false }).map(({ obstacle }) => obstacle)
  const at = { addresses: ['10.0.0.2:7000'] }

  it('is nothing for one that is only heard of, and for one whose key is missing or another', () => {
    expect(obstacles(peer('a', 'desk', at))).toEqual([null])
    expect(obstacles(peer('a', 'mine', { ...at, needsKey: true, status: 'refused', reason: 'has a key' }))).toEqual([null])
  })

  it('is what all its machines have refused this one with', () => {
    const refused = { ...at, status: 'refused', reason: 'it runs an incompatible version of exo' } as const
    expect(obstacles(peer('a', 'desk', refused), peer('b', 'desk', refused))).toEqual(['it runs an incompatible version of exo'])
    expect(obstacles(peer('a', 'desk', refused), peer('b', 'desk', at))).toEqual([null])
  })

  it('is that its address is unknown, so that joining would create another cluster with the same name', () => {
    expect(obstacles(peer('a', 'desk', { addresses: [''] }))).toEqual([expect.stringMatching(/announces its address/)])
  })
})

describe('addressesOfCluster', () => {
  it('reads what peers are listed with, IPv6 with and without brackets', () => {
    const peers = [
      peer('a', 'desk', { addresses: ['10.0.0.2:7000', '[fe80::1%en0]:7000'] }),
      peer('b', 'desk', { addresses: ['fd77::1:7001', ''] }),
      peer('c', 'lab', { addresses: ['10.0.0.9:1'] }),
      peer('d', 'desk', { needsKey: true, addresses: ['10.0.0.8:1'] }),
    ]
    expect(addressesOfCluster(peers, 'desk', false)).toEqual([
      { host: '10.0.0.2', port: 7000 },
      { host: 'fe80::1%en0', port: 7000 },
      { host: 'fd77::1', port: 7001 },
    ])
    expect(addressesOfCluster(peers, 'desk', true)).toEqual([{ host: '10.0.0.8', port: 1 }])
    expect(addressesOfCluster(peers, 'lab', true)).toEqual([{ host: '10.0.0.9', port: 1 }])
  })
})
