import { describe, expect, it } from 'vitest'
import type { LinkedPeer } from '../../cluster/link/links.ts'
import type { ReportedPeer } from '../../discovery/peers/start-discovery.ts'
import { NodeId } from '../../shared/ids.ts'
import type { PeerMessage } from '../../shared/wire/peer/peer-message.ts'
import { tellPeers } from './tell-peers.ts'

const aPeer = (name: string, host: string): LinkedPeer => ({
  nodeId: NodeId.parse(name),
  nodeName: `${name}'s name`,
  address: { host, port: 7000 },
  isDialer: true,
  totalBytes: 8,
  roundTripMs: null,
  sentBytes: 0,
  receivedBytes: 0,
})

function start(addresses: Record<string, string[]> = {}) {
  const peers: LinkedPeer[] = []
  const sent: [string, PeerMessage][] = []
  const reported: ReportedPeer[] = []
  const onPeer: ((peer: LinkedPeer) => void)[] = []
  const onMessage: ((from: NodeId, message: PeerMessage) => void)[] = []
  const ticks: (() => void)[] = []
  tellPeers(
    {
      links: {
        peers: () => peers,
        send: (to, message) => Boolean(sent.push([to, message])),
        onPeer: (listener) => void onPeer.push(listener),
        onMessage: (listener) => void onMessage.push(listener),
      },
      addressesOf: (nodeId) => addresses[nodeId] ?? [],
      report: (peer) => void reported.push(peer),
      cluster: { clusterName: 'desk', needsKey: true },
      clock: { every: (_, tick) => void ticks.push(tick) },
    },
    new AbortController().signal,
  )
  return {
    sent,
    reported,
    link(peer: LinkedPeer): void {
      peers.push(peer)
      for (const listener of onPeer) listener(peer)
    },
    hear: (from: string, message: PeerMessage): void => onMessage.forEach((listener) => listener(NodeId.parse(from), message)),
    tick: (): void => ticks.forEach((tick) => tick()),
  }
}

const told = (name: string, ...hosts: string[]) => ({ nodeId: NodeId.parse(name), nodeName: `${name}'s name`, peerPort: 7000, hosts })

describe('tellPeers', () => {
  it('tells a new peer of the others, and the others of it', () => {
    const node = start()
    node.link(aPeer('a', '10.0.0.1'))
    expect(node.sent).toEqual([])
    node.link(aPeer('b', '10.0.0.2'))
    expect(node.sent).toEqual([
      ['a', { type: 'peers-told', peers: [told('b', '10.0.0.2')] }],
      ['b', { type: 'peers-told', peers: [told('a', '10.0.0.1')] }],
    ])
  })

  it('tells all addresses that mean the same elsewhere', () => {
    const node = start({ b: ['10.0.0.2', 'fd77::2', 'fe80::1%eth0', '127.0.0.1', '169.254.1.1'] })
    node.link(aPeer('a', '10.0.0.1'))
    node.link(aPeer('b', '127.0.0.1'))
    expect(node.sent[0]).toEqual(['a', { type: 'peers-told', peers: [told('b', '10.0.0.2', 'fd77::2')] }])
  })

  it('tells nodes of this machine of one another by loopback', () => {
    const node = start()
    node.link(aPeer('a', '127.0.0.1'))
    node.link(aPeer('b', '127.0.0.1'))
    node.link(aPeer('c', '10.0.0.3'))
    expect(node.sent).toEqual([
      ['a', { type: 'peers-told', peers: [told('b', '127.0.0.1')] }],
      ['b', { type: 'peers-told', peers: [told('a', '127.0.0.1')] }],
      ['a', { type: 'peers-told', peers: [told('c', '10.0.0.3')] }],
      ['b', { type: 'peers-told', peers: [told('c', '10.0.0.3')] }],
    ])
  })

  it('reports what it hears of nodes that it has no link to', () => {
    const node = start()
    node.link(aPeer('a', '10.0.0.1'))
    node.hear('a', { type: 'peers-told', peers: [told('a', '10.0.0.9'), told('c', '10.0.0.3', 'fd77::3')] })
    const report = {
      nodeId: 'c',
      nodeName: "c's name",
      clusterName: 'desk',
      needsKey: true,
      version: null,
      totalBytes: null,
      peerPort: 7000,
    }
    expect(node.reported).toEqual([
      { ...report, host: '10.0.0.3' },
      { ...report, host: 'fd77::3' },
    ])
  })

  it('tells again now and then, for those who could not reach each other before', () => {
    const node = start()
    node.link(aPeer('a', '10.0.0.1'))
    node.link(aPeer('b', '10.0.0.2'))
    node.sent.length = 0
    node.tick()
    expect(node.sent.map(([to]) => to)).toEqual(['a', 'b'])
  })
})
