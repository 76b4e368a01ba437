import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { reportFigure } from '../node/report-figure.ts'
import { ask, type Question } from './lab/ask.ts'
import type { ClusterNode } from './lab/cluster-node.ts'
import { Cluster, whenAll, whenOneCluster } from './lab/cluster.ts'
import { place, remove } from './lab/instances.ts'
import { type Reference, clusterReferenceAnswers } from './lab/reference.ts'

const QUESTION: Question = { prompt: 'Once upon a time, in a machine room,', temperature: 0.8, seed: 42, maxTokens: 24 }

/** Two cables and no switch: host 2 reaches the other two, which share no network. */
describe('three machines in a row', () => {
  let cluster: Cluster
  let reference: Reference
  let nodes: [ClusterNode, ClusterNode, ClusterNode]
  const start = (host: number, maxMemory: string): Promise<ClusterNode> =>
    cluster.start(host, { arguments: ['--no-default-model', '--max-memory', maxMemory] })

  beforeAll(async () => {
    cluster = await Cluster.create(3)
    reference = await clusterReferenceAnswers(cluster, [1], [QUESTION])
    for (const host of [1, 2, 3]) await cluster.lab.unplug(host)
    await cluster.lab.connect(1, 2)
    await cluster.lab.connect(2, 3)
    // The first node to start leads, and it is at one end of the row.
    const first = await start(1, '3GB')
    await whenOneCluster([first])
    nodes = [first, await start(2, '2GB'), await start(3, '50MB')]
  })
  afterAll(async () => {
    if (process.env['EXO_LOGS']) console.log(cluster?.output())
    await cluster?.close()
  })

  it('are one cluster with one leader and the same state on all', async () => {
    const { views, atMs } = await whenOneCluster(nodes)
    reportFigure('three in a row, one cluster after', (atMs - nodes[2].listeningMs) / 1000, 's')
    expect(views[0]?.leader?.nodeId).toBe(nodes[0].nodeId)
    await whenAll(nodes, 'the links between neighbours, as all see them', (now) => {
      const pairs = now.map(({ links }) => [...new Set(links.map(({ from, to }) => `${from} ${to}`))].toSorted().join())
      return new Set(pairs).size === 1 && pairs[0]?.split(',').length === 4
    })
    const { stdout } = await nodes[2].exo('--list-peers', '--json')
    const { peers } = JSON.parse(stdout) as { peers: { nodeId: string; status: string; reason: string | null }[] }
    expect(peers.map(({ nodeId, status, reason }) => [nodeId, status, reason])).toEqual([
      [nodes[1].nodeId, 'linked', null],
      [nodes[0].nodeId, 'linked', 'over host2'],
    ])
    expect(nodes.map((node) => node.output().match(/INFO\s+peer joined/g)?.length)).toEqual([1, 2, 1])
  })

  it('serve a model that two of them hold to the third, and take its orders', async () => {
    const [first, second, third] = nodes
    const instance = await place(third, reference.model, { sharding: 'pipeline', min_nodes: 2 })
    expect(instance.shards.map(({ nodeId }) => nodeId)).toEqual([first.nodeId, second.nodeId])
    const answers = await Promise.all(nodes.map(({ apiUrl }) => ask(apiUrl, reference.model, QUESTION)))
    expect(answers.map(({ text }) => text)).toEqual(nodes.map(() => reference.answers[0]!.text))
    await remove(third, instance.instanceId)
    await whenAll(nodes, 'gone on all', (views) => views.every((view) => Object.keys(view.instances).length === 0))
  })

  it('part when the one between is gone, and are one again when it is back', async () => {
    const [first, second, third] = nodes
    await cluster.lab.kill(2)
    second.forget()
    await Promise.all([whenOneCluster([first]), whenOneCluster([third])])
    const back = await start(2, '2GB')
    const { atMs } = await whenOneCluster([first, back, third])
    reportFigure('three in a row, one cluster after the middle one is back', (atMs - back.listeningMs) / 1000, 's')
  })
})
