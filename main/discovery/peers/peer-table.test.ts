import { describe, expect, it } from 'vitest'
import { NodeId } from '../../shared/ids.ts'
import type { PeerObservation } from './peer-observation.ts'
import { PeerTable } from './peer-table.ts'

const observation = (overrides: Partial<PeerObservation> = {}): PeerObservation => ({
  nodeId: NodeId.parse('b'),
  nodeName: 'b',
  clusterName: 'default',
  needsKey: false,
  version: '1',
  totalBytes: 8,
  host: '10.0.0.2',
  peerPort: 7000,
  source: 'broadcast',
  interfaceName: 'eth0',
  pathKind: 'ethernet',
  seenAtMs: 0,
  ...overrides,
})

const hear = (table: PeerTable, heard: PeerObservation): void => table.add(heard, heard.seenAtMs)

describe('PeerTable', () => {
  it('joins the sources and addresses of a node, best first', () => {
    const table = new PeerTable()
    hear(table, observation({ host: 'wifi', pathKind: 'wifi' }))
    hear(table, observation())
    hear(table, observation({ source: 'mdns', seenAtMs: 5, nodeName: 'renamed' }))
    hear(table, observation({ nodeId: null, source: 'static' }))
    expect(table.list(10)).toEqual([
      {
        nodeId: 'b',
        nodeName: 'renamed',
        clusterName: 'default',
        needsKey: false,
        version: '1',
        totalBytes: 8,
        addresses: [
          { host: '10.0.0.2', peerPort: 7000, interfaceName: 'eth0', pathKind: 'ethernet', sources: ['broadcast', 'mdns'] },
          { host: 'wifi', peerPort: 7000, interfaceName: 'eth0', pathKind: 'wifi', sources: ['broadcast'] },
        ],
        seenAtMs: 5,
      },
    ])
  })

  it('keeps what one source told and the latest did not', () => {
    const table = new PeerTable()
    hear(table, observation())
    hear(table, observation({ source: 'peer', seenAtMs: 5, version: null, totalBytes: null }))
    expect(table.list(10)).toMatchObject([{ version: '1', totalBytes: 8, seenAtMs: 5 }])
  })

  it('forgets what is not heard again: the old address of a node that moved, then the node', () => {
    const table = new PeerTable()
    hear(table, observation())
    hear(table, observation({ host: '10.0.0.22', seenAtMs: 8000 }))
    expect(table.list(10_001)[0]?.addresses.map(({ host }) => host)).toEqual(['10.0.0.22'])
    expect(table.list(18_001)).toEqual([])
  })

  it.each([3_600_000, -3_600_000])('keeps and forgets in the same time when the time of day is set by %i ms', (jumpMs) => {
    const table = new PeerTable()
    table.add(observation({ host: 'before', seenAtMs: 0 }), 0)
    table.add(observation({ host: 'after', seenAtMs: jumpMs }), 5_000)
    expect(table.list(9_000)[0]).toMatchObject({ addresses: [{ host: 'before' }, { host: 'after' }], seenAtMs: jumpMs })
    expect(table.list(12_000)[0]?.addresses.map(({ host }) => host)).toEqual(['after'])
    expect(table.list(16_000)).toEqual([])
  })

  it('D09: counts a node once while its address changes every 30 s, and lets the old ones fade', () => {
    const table = new PeerTable()
    for (let atMs = 0; atMs <= 600_000; atMs += 1000) {
      hear(table, observation({ host: `10.0.0.${Math.floor(atMs / 30_000)}`, seenAtMs: atMs }))
      const peers = table.list(atMs)
      expect(peers.map(({ nodeId }) => nodeId)).toEqual(['b'])
      expect(peers[0]?.addresses.length).toBeLessThanOrEqual(2)
    }
  })

  it('believes a goodbye only of what mDNS has told', () => {
    const table = new PeerTable()
    hear(table, observation())
    hear(table, observation({ source: 'mdns' }))
    table.removeMdns(NodeId.parse('b'), '10.0.0.2')
    expect(table.list(0)[0]?.addresses[0]?.sources).toEqual(['broadcast'])
  })

  it('holds no more nodes and addresses than it should', () => {
    const table = new PeerTable()
    for (let index = 0; index < 3000; index += 1) hear(table, observation({ nodeId: NodeId.parse(`n${index}`) }))
    for (let index = 0; index < 100; index += 1) hear(table, observation({ nodeId: NodeId.parse('n0'), host: `h${index}` }))
    expect([table.list(0).length, table.list(0).find(({ nodeId }) => nodeId === 'n0')?.addresses.length]).toEqual([1024, 32])
  })
})
