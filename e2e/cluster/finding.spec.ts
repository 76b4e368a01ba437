import { afterEach, describe, expect, it } from 'vitest'
import { reportFigure } from '../node/report-figure.ts'
import { Cluster, whenOneCluster } from './lab/cluster.ts'

let cluster: Cluster
afterEach(() => cluster?.close())

const HOSTS = [1, 2, 3]

describe('three hosts find each other and have one leader in under 3 s from the last start', () => {
  it.each<[string, () => Promise<void>, string[]]>([
    ['on a good network', async () => undefined, []],
    ['with multicast blocked', () => cluster.lab.blockMulticast(), []],
    [
      'with multicast and broadcast blocked, by --peer',
      async () => {
        await cluster.lab.blockMulticast()
        await cluster.lab.blockBroadcast()
      },
      ['--peer-port', '7000', '--peer', '10.77.0.1:7000'],
    ],
  ])('%s', async (name, prepare, flags) => {
    cluster = await Cluster.create(3)
    await prepare()
    const nodes = await cluster.startAll(HOSTS, { arguments: ['--no-default-model', ...flags] })
    const { atMs } = await whenOneCluster(nodes)
    const listeningMs = Math.max(...nodes.map((node) => node.listeningMs))
    const startedMs = Math.max(...nodes.map((node) => node.startedMs))
    reportFigure(`one leader on all, ${name}, from the last API`, (atMs - listeningMs) / 1000, 's')
    reportFigure(`one leader on all, ${name}, from the last execution`, (atMs - startedMs) / 1000, 's')
    expect(atMs - listeningMs).toBeLessThan(3000)
  })
})
