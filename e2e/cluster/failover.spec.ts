import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { reportFigure } from '../node/report-figure.ts'
import { ask, type Question } from './lab/ask.ts'
import type { ClusterNode } from './lab/cluster-node.ts'
import { Cluster, whenAll, whenFormed, whenOneCluster } from './lab/cluster.ts'
import { place, type PlacedInstance, whenReady } from './lab/instances.ts'
import { type Reference, clusterReferenceAnswers } from './lab/reference.ts'

const QUESTION: Question = { prompt: 'Once upon a time, in a machine room,', temperature: 0.8, seed: 42, maxTokens: 32 }
/** At this part, the answer is well under way. */
const BREAK_AT_PART = 8
/** A host with more memory gets a lower rank. */
const MEMORY = ['4GB', '3GB', '2GB', '1GB']

/** A seeded answer that a fault interrupts must have the same text and no error; the longest pause is measured. */
describe('an answer goes on', () => {
  let cluster: Cluster
  let reference: Reference
  const nodes = new Map<number, ClusterNode>()
  const node = (host: number): ClusterNode => nodes.get(host)!
  let instanceId = ''

  beforeAll(async () => {
    cluster = await Cluster.create(4)
    reference = await clusterReferenceAnswers(cluster, [1, 2, 3, 4], [QUESTION])
    // Makes them members of one cluster first. Otherwise the oldest cluster and its leader win, whatever the order of the next start.
    const strangers = await cluster.startAll([1, 2, 3, 4], { arguments: ['--no-default-model'] })
    await whenFormed(strangers)
    await Promise.all(strangers.map((stranger) => stranger.stop()))
  })
  afterAll(async () => {
    if (process.env['EXO_LOGS']) console.log(cluster?.output())
    await cluster?.close()
  })

  const start = async (host: number): Promise<ClusterNode> => {
    const started = await cluster.start(host, { arguments: ['--no-default-model', '--max-memory', MEMORY[host - 1]!] })
    nodes.set(host, started)
    return started
  }

  /** Starts hosts 1 to 4 with the given leader and the model on hosts 1 (rank 0) and 2. */
  async function startCluster(leader: number): Promise<void> {
    await Promise.all([...nodes.values()].map((old) => old.stop()))
    nodes.clear()
    const first = await start(leader)
    await whenOneCluster([first])
    await Promise.all([1, 2, 3, 4].filter((host) => host !== leader).map(start))
    const { views } = await whenFormed([...nodes.values()])
    expect(views[0]?.leader?.nodeId).toBe(first.nodeId)
    const instance = await place(first, reference.model, { sharding: 'pipeline', min_nodes: 2 })
    instanceId = instance.instanceId
    expect(instance.shards.map(({ nodeId }) => nodeId)).toEqual([node(1).nodeId, node(2).nodeId])
  }

  async function instanceAt(asked: ClusterNode): Promise<PlacedInstance> {
    return whenReady(asked, instanceId)
  }

  async function ranksOf(asked: ClusterNode): Promise<ClusterNode[]> {
    const { shards } = await instanceAt(asked)
    return shards.map(({ nodeId }) => [...nodes.values()].find((candidate) => candidate.nodeId === nodeId)!)
  }

  async function expectSameText(what: string, asked: ClusterNode, breakIt: () => unknown): Promise<void> {
    let brokenMs = 0
    const answer = await ask(asked.apiUrl, reference.model, QUESTION, (count) => {
      if (count !== BREAK_AT_PART) return
      brokenMs = performance.now()
      void breakIt()
    })
    expect(brokenMs).toBeGreaterThan(0)
    reportFigure(`longest gap, ${what}`, answer.longestGapMs / 1000, 's')
    expect(answer.text).toBe(reference.answers[0]!.text)
  }

  const killWorker = (of: ClusterNode, signal: NodeJS.Signals = 'SIGKILL'): void => {
    const workers = of.workers()
    expect(workers).not.toEqual([])
    for (const pid of workers) process.kill(pid, signal)
  }
  const killHost = (host: number): Promise<void> => {
    nodes.delete(host)
    return cluster.lab.kill(host)
  }

  describe('with a leader that holds no part of the model', () => {
    beforeAll(() => startCluster(4))

    it('when the worker of rank 0 is killed', async () => {
      const [rank0] = await ranksOf(node(4))
      await expectSameText('worker of rank 0 killed', node(4), () => killWorker(rank0!))
    })

    it('when the worker of another rank is killed', async () => {
      const [, rank1] = await ranksOf(node(3))
      await expectSameText('worker of rank 1 killed', node(3), () => killWorker(rank1!))
    })

    it('D07: when a worker stands still', async () => {
      const [rank0] = await ranksOf(node(3))
      await expectSameText('worker of rank 0 stopped', node(3), () => killWorker(rank0!, 'SIGSTOP'))
    })

    it('when a host is cut off, and comes back', async () => {
      const [rank0, rank1] = await ranksOf(node(3))
      await expectSameText('host of rank 1 unplugged', rank0!, () => cluster.lab.unplug(rank1!.host))
      await cluster.lab.unplug(rank1!.host, false)
      await whenOneCluster([...nodes.values()])
      await whenAll([...nodes.values()], 'the same instance on all', (views) => {
        const seen = views.map((view) => view.instances[instanceId as never] as PlacedInstance | undefined)
        return seen.every((instance) => instance?.status === 'ready' && instance.epoch === seen[0]?.epoch)
      })
    })

    it('when a host dies that is not the leader', async () => {
      // One machine may hold the whole model after the test before.
      if ((await ranksOf(node(4))).length < 2) await startCluster(4)
      const [rank0, rank1] = await ranksOf(node(4))
      await expectSameText('host of rank 1 killed', rank0!.host === 4 ? node(4) : rank0!, () => killHost(rank1!.host))
    })
  })

  it('when the leader dies that holds no part of the model', async () => {
    await startCluster(4)
    await expectSameText('leader killed', node(3), () => killHost(4))
  })

  it('when the leader dies that holds rank 1', async () => {
    await startCluster(2)
    await expectSameText('leader with rank 1 killed', node(1), () => killHost(2))
  })

  it('when the machine dies that is both leader and rank 0', async () => {
    await startCluster(1)
    await expectSameText('leader with rank 0 killed', node(3), () => killHost(1))
  })
})
