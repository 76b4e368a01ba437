import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import { reportFigure } from '../node/report-figure.ts'
import { Cluster, isOneCluster, whenOneCluster } from './lab/cluster.ts'

let cluster: Cluster
afterEach(async (context) => {
  if (context.task.result?.state === 'fail') console.log(cluster?.output())
  await cluster?.close()
})

const START = { arguments: ['--no-default-model', '--log-level', 'info'] }

it('D01, F3: a copy of a machine is refused, doctor names the other one on both, and one command fixes it', async () => {
  cluster = await Cluster.create(3)
  const [first, original] = await cluster.startAll([1, 2], START)
  await whenOneCluster([first!, original!])
  const folder = join(cluster.lab.dataDir(3), 'node')
  await mkdir(folder, { recursive: true })
  await cp(join(original!.dataDir, 'identity.pem'), join(folder, 'identity.pem'))
  const clone = await cluster.start(3, START)
  const startedMs = performance.now()
  const names = {
    [original!.host]: /another machine, host3 at \S*, has the same identity/,
    [clone.host]: /another machine, host2 at \S*, has the same identity/,
  }
  for (const node of [original!, clone]) {
    for (;;) {
      const { stdout } = await node.exo('doctor')
      if (names[node.host]!.test(stdout)) {
        expect(stdout).toContain('exo identity new')
        break
      }
      expect(performance.now() - startedMs, stdout).toBeLessThan(60_000)
      await sleep(500)
    }
  }
  reportFigure('until doctor named the clone on both', (performance.now() - startedMs) / 1000, 's')
  await sleep(3000)
  expect(isOneCluster([first!, original!])([await first!.state(), await original!.state()])).toBe(true)
  expect(first!.output().match(/peer joined/g)).toHaveLength(1)

  await clone.stop()
  const { status, stdout } = await clone.exo('identity', 'new')
  expect([status, stdout]).toEqual([
    0,
    expect.stringMatching(/^This node will be \S+ after its next start\. The previous identity is kept in /),
  ])
  const renamed = await cluster.start(3, START)
  expect(renamed.nodeId).not.toBe(original!.nodeId)
  await whenOneCluster([first!, original!, renamed])
})

it('F3: a node that was killed and starts again is let in at once', async () => {
  cluster = await Cluster.create(2)
  const [first, second] = await cluster.startAll([1, 2], START)
  await whenOneCluster([first!, second!])
  await cluster.lab.kill(2)
  const again = await cluster.start(2, START)
  const { atMs } = await whenOneCluster([first!, again])
  reportFigure('back in the cluster after kill and start, from its API', (atMs - again.listeningMs) / 1000, 's')
  expect(atMs - again.listeningMs).toBeLessThan(20_000)
})
