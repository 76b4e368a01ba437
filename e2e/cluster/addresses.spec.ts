import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { reportFigure } from '../node/report-figure.ts'
import { ask, type Question } from './ask.ts'
import type { ClusterNode } from './cluster-node.ts'
import { Cluster, whenFormed } from './cluster.ts'
import { place, type PlacedInstance, whenReady } from './instances.ts'
import { type Reference, referenceAnswers } from './reference.ts'

const QUESTION: Question = { prompt: 'Once upon a time, in a machine room,', temperature: 0.8, seed: 42, maxTokens: 24 }
const PAUSES_MS = [500, 4000]

/** F2: what a router or a wake from sleep does to an instance that answers. */
describe('an instance whose host gets another IPv4 address', () => {
  let cluster: Cluster
  let reference: Reference
  let nodes: ClusterNode[]
  let instance: PlacedInstance
  let lastByte = 40

  beforeAll(async () => {
    cluster = await Cluster.create(2)
    reference = await referenceAnswers(cluster, [1, 2], [QUESTION])
    nodes = await cluster.startAll([1, 2], { arguments: ['--no-default-model', '--log-level', 'info'] })
    await whenFormed(nodes)
    instance = await place(nodes[0]!, reference.model, { sharding: 'pipeline', min_nodes: 2 })
  })
  afterAll(async () => {
    if (process.env['EXO_LOGS']) console.log(cluster?.output())
    await cluster?.close()
  })

  const rankOf = (rank: number): ClusterNode => nodes.find(({ nodeId }) => nodeId === instance.shards[rank]?.nodeId)!

  /** How often the instance was placed again because of an address. */
  const moves = async (): Promise<number> => {
    const { reasons = [] } = await whenReady(nodes[0]!, instance.instanceId)
    return reasons.filter((reason) => /^rank \d has the address 10\.77\.0\.\d+ no more$/.test(reason)).length
  }

  for (const rank of [0, 1]) {
    for (const pauseMs of PAUSES_MS) {
      it(`answers the same within seconds: rank ${rank}, asked ${pauseMs} ms later`, async ({ onTestFailed }) => {
        onTestFailed(() => console.log(cluster.output()))
        const before = await moves()
        await cluster.lab.moveTo(rankOf(rank).host, (lastByte += 1))
        await sleep(pauseMs)
        const askedMs = performance.now()
        let firstMs = 0
        const answer = await ask(rankOf(1 - rank).apiUrl, reference.model, QUESTION, () => (firstMs ||= performance.now() - askedMs))
        reportFigure(`first token ${pauseMs} ms after another address of rank ${rank}`, firstMs / 1000, 's')
        expect(answer.text).toBe(reference.answers[0]!.text)
        expect(firstMs).toBeLessThan(pauseMs > 1000 ? 8000 : 12_000)
        expect(await moves()).toBe(before + 1)
      })
    }
  }
})
