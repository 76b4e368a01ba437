import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ClusterView } from '../../../main/shared/cluster-view.ts'
import { reportFigure } from '../../node/report-figure.ts'
import { ask, type Question } from '../lab/ask.ts'
import type { ClusterNode } from '../lab/cluster-node.ts'
import { Cluster, whenAll, whenFormed } from '../lab/cluster.ts'
import { place, type PlacedInstance, whenReady } from '../lab/instances.ts'
import { type Reference, clusterReferenceAnswers } from '../lab/reference.ts'

const QUESTION: Question = { prompt: 'Once upon a time, in a machine room,', temperature: 0.8, seed: 42, maxTokens: 40 }
const BREAK_AT_PART = 6
const LAN_DELAY_MS = 25
const HANG_MS = 180_000
/** Twice what it takes on a quiet machine. */
const NAMED_WITHIN_MS = 45_000
/** A faster path is used again within this time, while the model is idle. */
const BACK_WITHIN_MS = 60_000

/** Each takes minutes, so only `npm run chaos` runs them. */
describe.runIf(process.env['EXO_CHAOS_MINUTES'])('paths between the ranks', () => {
  let cluster: Cluster
  let reference: Reference
  let nodes: ClusterNode[]
  let instance: PlacedInstance

  beforeEach(async () => {
    cluster = await Cluster.create(3)
    reference = await clusterReferenceAnswers(cluster, [1, 2, 3], [QUESTION])
  })
  afterEach(async () => {
    if (process.env['EXO_LOGS']) console.log(cluster.output())
    await cluster.close()
  })

  const hostOf = (rank: number): number => nodes.find(({ nodeId }) => nodeId === instance.shards[rank]?.nodeId)!.host
  const startAll = async (hosts: readonly number[]): Promise<void> => {
    nodes = await cluster.startAll(hosts, { arguments: ['--no-default-model', '--log-level', 'info'] })
    await whenFormed(nodes)
    instance = await place(nodes[0]!, reference.model, { sharding: 'pipeline', min_nodes: 2 })
  }
  const viewOf = (view: ClusterView | undefined) => view?.instances[instance.instanceId as never]
  const sameText = async (asked: ClusterNode, breakIt: () => unknown): Promise<number> => {
    let broken: Promise<unknown> = Promise.resolve()
    const answer = await ask(asked.apiUrl, reference.model, QUESTION, (count) => {
      if (count === BREAK_AT_PART) broken = Promise.resolve(breakIt())
    })
    await broken
    expect(answer.text).toBe(reference.answers[0]!.text)
    return answer.longestGapMs
  }
  /** Paths between two hosts as the cluster has measured them. */
  const cableIsKnown = ([view]: readonly ClusterView[]): boolean =>
    view?.links.filter(({ address }) => address?.startsWith('10.78.')).length === 2

  it('D05, F5: a cable that is cut and plugged in again is used again while the model is idle', async () => {
    const { lab } = cluster
    await lab.connect(1, 2)
    await lab.delay(2, LAN_DELAY_MS)
    nodes = await cluster.startAll([1, 2], { arguments: ['--no-default-model', '--log-level', 'info'] })
    await whenFormed(nodes)
    await whenAll(nodes, 'the cable measured', cableIsKnown, HANG_MS)
    instance = await place(nodes[0]!, reference.model, { sharding: 'pipeline', min_nodes: 2 })
    reportFigure('longest gap, cable cut', (await sameText(nodes[0]!, () => lab.unplugCable(1, 2))) / 1000, 's')
    const { epoch } = await whenReady(nodes[0]!, instance.instanceId)
    await lab.unplugCable(1, 2, false)
    const pluggedMs = performance.now()
    await whenAll(
      [nodes[0]!],
      'back on the cable',
      ([view]) => viewOf(view)?.status === 'ready' && viewOf(view)!.epoch > epoch,
      BACK_WITHIN_MS,
    )
    reportFigure('back on the cable after', (performance.now() - pluggedMs) / 1000, 's')
    expect((await whenReady(nodes[0]!, instance.instanceId)).reasons?.join()).toContain('a faster path is available')
    await sameText(nodes[0]!, () => undefined)
  }, 600_000)

  it('D04, F7: a path that carries heartbeats and drops large packets is left, and the answer goes on elsewhere', async () => {
    await startAll([1, 2, 3])
    const ranks = [hostOf(0), hostOf(1)] as const
    const bystander = nodes.find(({ host }) => !ranks.includes(host))!
    reportFigure(
      'longest gap, large packets dropped between the ranks',
      (await sameText(bystander, () => cluster.lab.dropLargeBetween(...ranks, 1_400))) / 1000,
      's',
    )
    instance = await whenReady(bystander, instance.instanceId)
    const now = instance.shards.map((_, rank) => hostOf(rank))
    expect(now.filter((host) => ranks.includes(host)).length).toBeLessThan(2)
  }, 600_000)

  it('F7: a path that has dropped large packets from the start is named, and no model is placed over it', async () => {
    nodes = await cluster.startAll([1, 2, 3], { arguments: ['--no-default-model', '--log-level', 'info'] })
    await whenFormed(nodes)
    const [first, second] = nodes as [ClusterNode, ClusterNode]
    await cluster.lab.dropLargeBetween(first.host, second.host, 1_400)
    const droppedMs = performance.now()
    const isNamed = ([view]: readonly ClusterView[]): boolean =>
      view?.narrowPaths?.some(({ from, to }) => from === first.nodeId && to === second.nodeId) === true &&
      view.narrowPaths.some(({ from, to }) => from === second.nodeId && to === first.nodeId)
    await whenAll([first], 'the path named', isNamed, NAMED_WITHIN_MS)
    reportFigure('a path that drops large packets is named after', (performance.now() - droppedMs) / 1000, 's')
    instance = await place(first, reference.model, { sharding: 'pipeline', min_nodes: 2 })
    expect(instance.shards.map((_, rank) => hostOf(rank)).sort()).not.toEqual([first.host, second.host])
    await sameText(second, () => undefined)
  }, 600_000)
})
