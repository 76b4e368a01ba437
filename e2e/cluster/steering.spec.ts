import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { setTimeout as sleep } from 'node:timers/promises'
import { get } from '../node/call-api.ts'
import { processorSecondsOf } from '../node/processes.ts'
import { reportFigure } from '../node/report-figure.ts'
import type { ClusterNode } from './lab/cluster-node.ts'
import { Cluster, whenAll, whenFormed } from './lab/cluster.ts'
import { place, remove } from './lab/instances.ts'
import { clusterReferenceAnswers } from './lab/reference.ts'
import { trafficOf } from './lab/traffic.ts'

const IDLE_SECONDS = 10

describe('a cluster of three is steered at any node', () => {
  let cluster: Cluster
  let nodes: ClusterNode[]
  let model: string
  beforeAll(async () => {
    cluster = await Cluster.create(3)
    model = (await clusterReferenceAnswers(cluster, [1], [])).model
    nodes = await cluster.startAll([1, 2, 3], { arguments: ['--no-default-model'] })
    await whenFormed(nodes)
  })
  afterAll(() => cluster?.close())

  it('shows where a model could go, also a model that only another node has', async () => {
    const [atFirst, atLast] = await Promise.all(
      [nodes[0]!, nodes[2]!].map((node) => get(node.apiUrl, `/instance/previews?model_id=${encodeURIComponent(model)}`)),
    )
    expect([atFirst!.status, atLast!.status]).toEqual([200, 200])
    const previews = atLast!.body.previews as { strategy: string; backend: string; shards?: unknown[]; error?: { code: string } }[]
    const kinds = previews.filter(({ shards }) => shards).map(({ strategy, backend, shards }) => `${strategy} ${backend} ${shards!.length}`)
    expect(kinds).toEqual(expect.arrayContaining(['pipeline local 1', 'pipeline ring 2', 'pipeline ring 3', 'tensor ring 3']))
    expect(previews.some(({ backend, error }) => backend === 'jaccl' && error !== undefined)).toBe(true)
  })

  it('places, lists and deletes at different nodes', async () => {
    const [first, second, third] = nodes as [ClusterNode, ClusterNode, ClusterNode]
    const { instanceId } = await place(first, model, { sharding: 'pipeline', min_nodes: 2 })
    await whenAll(nodes, 'ready on all', (views) =>
      views.every((view) => (view.instances[instanceId as never] as { status?: string } | undefined)?.status === 'ready'),
    )
    const { body } = await get(second.apiUrl, `/instance/${instanceId}`)
    expect(body).toMatchObject({
      instanceId,
      modelId: model,
      strategy: 'pipeline',
      backend: 'ring',
      shards: [{ status: 'ready' }, { status: 'ready' }],
    })
    for (const node of nodes) {
      const listed = await node.exo('ps', '--json')
      expect(Object.keys(JSON.parse(listed.stdout) as object)).toEqual([instanceId])
    }
    expect((await third.exo('ps')).stdout).toMatch(new RegExp(`${instanceId}.*pipeline/ring`))
    const peers = JSON.parse((await second.exo('--list-peers', '--json')).stdout) as { peers: { nodeId: string; status: string }[] }
    expect(peers.peers.map(({ nodeId, status }) => `${nodeId} ${status}`).toSorted()).toEqual(
      [first, third].map(({ nodeId }) => `${nodeId} linked`).toSorted(),
    )
    await remove(third, instanceId)
    await whenAll(
      nodes,
      'gone on all, workers too',
      (views) => views.every((view) => Object.keys(view.instances).length === 0) && nodes.every((node) => node.workers().length === 0),
    )
    const again = await fetch(`${first.apiUrl}/instance/${instanceId}`, { method: 'DELETE' })
    expect(again.status).toBe(404)
  })

  it('measures how fast each node sends to each other, when asked', async () => {
    const { stdout, stderr, status } = await nodes[1]!.exo('links', '--measure', '--json')
    expect([status, stderr]).toEqual([0, ''])
    const { links } = JSON.parse(stdout) as { links: { from: string; to: string; throughputBytesPerSecond?: number }[] }
    expect(new Set(links.map(({ from, to }) => `${from} ${to}`)).size).toBe(6)
    expect(links.every(({ throughputBytesPerSecond = 0 }) => throughputBytesPerSecond > 0)).toBe(true)
    reportFigure(
      'throughput between hosts that share this machine, median',
      links.map(({ throughputBytesPerSecond = 0 }) => throughputBytesPerSecond).sort((a, b) => a - b)[3]! / 1e6,
      'MB/s',
    )
    await whenAll(nodes, 'the figures, as all see them', (views) =>
      views.every((view) => view.links.filter(({ throughputBytesPerSecond }) => throughputBytesPerSecond !== undefined).length >= 6),
    )
  })

  it('takes next to no processor time and little of the network while idle', async () => {
    await sleep(3000)
    const processorBefore = nodes.map(({ processId }) => processorSecondsOf(processId))
    const trafficBefore = await Promise.all([1, 2, 3].map((host) => trafficOf(cluster.lab, host)))
    await sleep(IDLE_SECONDS * 1000)
    const busy = nodes.map(({ processId }, index) => (processorSecondsOf(processId) - processorBefore[index]!) / IDLE_SECONDS)
    const traffic = (await Promise.all([1, 2, 3].map((host) => trafficOf(cluster.lab, host)))).map(
      (bytes, index) => (bytes - trafficBefore[index]!) / IDLE_SECONDS,
    )
    reportFigure('idle node in a cluster of 3, processor', Math.max(...busy) * 100, '% of a core')
    reportFigure('idle node in a cluster of 3, sent and received', Math.max(...traffic) / 1000, 'kB/s')
    expect(Math.max(...busy)).toBeLessThan(0.1)
    expect(Math.max(...traffic)).toBeLessThan(50_000)
  })
})
