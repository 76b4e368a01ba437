import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { reportFigure } from '../node/report-figure.ts'
import { ask, type Question } from './lab/ask.ts'
import type { ClusterNode } from './lab/cluster-node.ts'
import { Cluster, whenFormed, whenOneCluster } from './lab/cluster.ts'
import { place } from './lab/instances.ts'
import { type Reference, clusterReferenceAnswers } from './lab/reference.ts'

const QUESTIONS: readonly Question[] = [
  { prompt: 'The three oldest cities of Europe are', temperature: 0, maxTokens: 40 },
  { prompt: 'Once upon a time, in a machine room,', temperature: 0.8, seed: 42, maxTokens: 40 },
  { prompt: 'A recipe for bread:', temperature: 0.8, seed: 43, maxTokens: 40 },
  { prompt: 'Dear neighbours,', temperature: 0.8, seed: 44, maxTokens: 40 },
]

describe('four answers at a time', () => {
  let cluster: Cluster
  let reference: Reference
  const flags = (maxMemory: string) => ({ arguments: ['--no-default-model', '--max-memory', maxMemory] })

  beforeAll(async () => {
    cluster = await Cluster.create(4)
    reference = await clusterReferenceAnswers(cluster, [1, 2, 3, 4], QUESTIONS)
  })
  afterAll(async () => {
    if (process.env['EXO_LOGS']) console.log(cluster?.output())
    await cluster?.close()
  })

  it('go on while a node joins and one that holds a part of the model leaves', async () => {
    const nodes = await Promise.all([cluster.start(1, flags('3GB')), cluster.start(2, flags('2GB')), cluster.start(3, flags('1GB'))])
    await whenFormed(nodes)
    const { shards } = await place(nodes[0], reference.model, { sharding: 'pipeline', min_nodes: 2 })
    const leaving = nodes.find(({ nodeId }) => nodeId === shards[1]?.nodeId)!
    const staying = nodes.filter((node) => node !== leaving)
    let parts = 0
    const begun: { joining?: Promise<ClusterNode>; leaving?: Promise<number | null> } = {}
    const answers = await Promise.all(
      QUESTIONS.map((question, index) =>
        ask(staying[index % staying.length]!.apiUrl, reference.model, question, () => {
          parts += 1
          if (parts === 24) begun.joining = cluster.start(4, flags('2GB'))
          if (parts === 60) begun.leaving = leaving.stop()
        }),
      ),
    )
    const joined = await begun.joining
    expect(await begun.leaving).toBe(0)
    reportFigure(
      'four answers, longest gap while a node joins and one leaves',
      Math.max(...answers.map(({ longestGapMs }) => longestGapMs)) / 1000,
      's',
    )
    expect(answers.map(({ text }) => text)).toEqual(reference.answers.map(({ text }) => text))
    await whenOneCluster([...staying, joined!])
  })
})
