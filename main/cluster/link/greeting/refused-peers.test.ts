import { describe, expect, it } from 'vitest'
import { NodeId } from '../../../shared/ids.ts'
import { RefusedPeers, type RefusedPeer } from './refused-peers.ts'

const refused = (name: string, seenAtMs: number): RefusedPeer => ({
  nodeId: NodeId.parse(name),
  nodeName: name,
  totalBytes: 8,
  address: '10.0.0.2:7000',
  clusterName: 'desk',
  needsKey: true,
  code: 'key-missing',
  reason: 'it needs a key',
  seenAtMs,
})

describe('RefusedPeers', () => {
  it('keeps the latest refusal of each node, for a minute, and no more nodes than it should', () => {
    const peers = new RefusedPeers()
    peers.add(refused('a', 0), 0)
    peers.add(refused('b', 1_000), 1_000)
    peers.add(refused('a', 2_000), 2_000)
    expect(peers.list(61_000).map(({ nodeId, seenAtMs }) => [nodeId, seenAtMs])).toEqual([
      ['b', 1_000],
      ['a', 2_000],
    ])
    expect(peers.list(61_001).map(({ nodeId }) => nodeId)).toEqual(['a'])
    for (let index = 0; index < 1000; index += 1) peers.add(refused(`n${index}`, 3_000), 3_000)
    expect(peers.list(3_000)).toHaveLength(256)
  })

  it.each([3_600_000, -3_600_000])('keeps a refusal for as long when the time of day is set by %i ms', (jumpMs) => {
    const peers = new RefusedPeers()
    peers.add(refused('a', 5_000 + jumpMs), 5_000)
    expect(peers.list(65_000)).toHaveLength(1)
    expect(peers.list(65_001)).toEqual([])
  })
})
