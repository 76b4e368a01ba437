import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import type { ClusterNode } from './lab/cluster-node.ts'
import { Cluster, whenAll, whenOneCluster } from './lab/cluster.ts'

const START = { arguments: ['--no-default-model'] }

let cluster: Cluster
afterEach(async (context) => {
  if (context.task.result?.state === 'fail') console.log(cluster?.output())
  await cluster?.close()
})

it('D06: a leader that is killed and started again at once leaves one leader each time', { timeout: 300_000 }, async () => {
  cluster = await Cluster.create(3)
  const nodes: ClusterNode[] = await cluster.startAll([1, 2, 3], START)
  for (let round = 0; round < 2; round += 1) {
    const { views } = await whenOneCluster(nodes, 60_000)
    const index = nodes.findIndex(({ nodeId }) => nodeId === views[0]?.leader?.nodeId)
    const leader = nodes[index]!
    await cluster.lab.kill(leader.host)
    await leader.stop()
    nodes[index] = await cluster.start(leader.host, START)
    expect(nodes[index]?.nodeId).toBe(leader.nodeId)
  }
  const { views } = await whenOneCluster(nodes, 60_000)
  expect(Object.keys(views[0]!.nodes)).toHaveLength(3)
})

it('D08: a machine that sleeps is missed, and is one of the cluster again when it wakes, once', { timeout: 300_000 }, async () => {
  cluster = await Cluster.create(3)
  const nodes = await cluster.startAll([1, 2, 3], START)
  await whenOneCluster(nodes)
  const [sleeper, ...others] = [nodes[2]!, nodes[0]!, nodes[1]!]
  await cluster.lab.kill(sleeper.host, 'SIGSTOP')
  await whenAll(others, 'the others alone', (views) => views.every((view) => !Object.keys(view.nodes).includes(sleeper.nodeId)), 60_000)
  await sleep(2000)
  await cluster.lab.kill(sleeper.host, 'SIGCONT')
  const { views } = await whenOneCluster(nodes, 60_000)
  for (const view of views) expect(Object.keys(view.nodes)).toHaveLength(3)
})
