import { totalmem } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { whenEnded } from '../harness/when-ended.ts'
import type { ClusterNode } from './lab/cluster-node.ts'
import { Cluster, whenAll, whenOneCluster } from './lab/cluster.ts'

interface ListedPeer {
  readonly nodeId: string
  readonly clusterName: string
  readonly needsKey: boolean
  readonly totalBytes: number | null
  readonly status: 'linked' | 'refused' | 'seen'
  readonly reason: string | null
}

let cluster: Cluster
afterEach(() => cluster?.close())

async function listPeers(node: ClusterNode): Promise<ListedPeer[]> {
  const { status, stdout, stderr } = await node.exo('--list-peers', '--json')
  if (status !== 0) throw new Error(stderr)
  return (JSON.parse(stdout) as { peers: ListedPeer[] }).peers
}

async function whenListed(node: ClusterNode, peer: ClusterNode, status: ListedPeer['status']): Promise<ListedPeer> {
  for (const endMs = performance.now() + 15_000; ; await sleep(100)) {
    const peers = await listPeers(node)
    const found = peers.find(({ nodeId }) => nodeId === peer.nodeId)
    if (found?.status === status) return found
    if (performance.now() > endMs)
      throw new Error(`host ${node.host} does not list host ${peer.host} as ${status}: ${JSON.stringify(peers)}`)
  }
}

const start = (host: number, ...flags: string[]): Promise<ClusterNode> =>
  cluster.start(host, { arguments: ['--no-default-model', ...flags] })

describe('who gets in', () => {
  it('is of the same --cluster', async () => {
    cluster = await Cluster.create(3)
    const [first, second, other] = await Promise.all([
      start(1, '--cluster', 'desk'),
      start(2, '--cluster', 'desk'),
      start(3, '--cluster', 'lab', '--cluster-key', 'open sesame, please'),
    ])
    await whenOneCluster([first, second])
    await whenOneCluster([other])
    expect(await whenListed(first, second, 'linked')).toMatchObject({ clusterName: 'desk', totalBytes: totalmem() })
    for (const node of [first, second])
      expect(await whenListed(node, other, 'seen')).toMatchObject({
        clusterName: 'lab',
        needsKey: true,
        totalBytes: totalmem(),
        reason: null,
      })
  })

  it('holds the --cluster-key; who does not is refused, and shown so on both sides', async () => {
    cluster = await Cluster.create(4)
    const [first, second, without, wrong] = await Promise.all([
      start(1, '--cluster-key', 'open sesame, please'),
      start(2, '--cluster-key', 'open sesame, please'),
      start(3),
      start(4, '--cluster-key', 'guess what it is'),
    ])
    await whenOneCluster([first, second])
    for (const stranger of [without, wrong]) {
      await whenOneCluster([stranger])
      expect((await whenListed(first, stranger, 'refused')).reason).toMatch(/key/)
      expect((await whenListed(stranger, first, 'refused')).reason).toMatch(/key/)
    }
    expect([first, second, without, wrong].map((node) => node.output().includes('open sesame, please'))).toEqual([
      false,
      false,
      false,
      false,
    ])
  })

  it('survives garbage at the peer port', async () => {
    cluster = await Cluster.create(2)
    const nodes = await Promise.all([1, 2].map((host) => start(host, '--peer-port', '7000')))
    const { views } = await whenOneCluster(nodes)
    const attacker = cluster.lab.run(2, process.execPath, [
      join(import.meta.dirname, 'lab', 'send-garbage.ts'),
      cluster.lab.address(1),
      '7000',
    ])
    const { status, output } = await whenEnded(attacker)
    expect([status, output.trim().split('\n').toSorted()]).toEqual([
      0,
      [
        'TLS and then nothing: closed',
        'TLS without a certificate: closed',
        'a huge first frame: closed',
        'http without TLS: closed',
        'random bytes: closed',
      ],
    ])
    await sleep(500)
    const { views: after } = await whenAll(nodes, 'an answer', () => true)
    expect(after.map(({ leader, nodes: known }) => [leader, Object.keys(known).length])).toEqual(
      views.map(({ leader, nodes: known }) => [leader, Object.keys(known).length]),
    )
    expect(nodes.map((node) => /peer lost/.test(node.output()))).toEqual([false, false])
  })
})
