import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { reportFigure } from '../node/report-figure.ts'
import { ask, type Question } from './ask.ts'
import type { ClusterNode } from './cluster-node.ts'
import { Cluster, whenOneCluster } from './cluster.ts'
import { place, remove } from './instances.ts'
import { type Reference, referenceAnswers } from './reference.ts'

const QUESTIONS: readonly Question[] = [
  { prompt: 'The three oldest cities of Europe are', temperature: 0 },
  { prompt: 'Once upon a time, in a machine room,', temperature: 0.8, seed: 42 },
]

describe('SmolLM2 over several hosts', () => {
  let cluster: Cluster
  let nodes: ClusterNode[]
  let reference: Reference

  beforeAll(async () => {
    cluster = await Cluster.create(3)
    reference = await referenceAnswers(cluster, [1, 2, 3], QUESTIONS)
    nodes = await cluster.startAll([1, 2, 3], { arguments: ['--no-default-model'] })
    await whenOneCluster(nodes)
  })
  afterAll(async () => {
    if (process.env['EXO_LOGS']) console.log(cluster?.output())
    await cluster?.close()
  })

  it.each([
    ['pipeline', 1],
    ['pipeline', 2],
    ['pipeline', 3],
    ['tensor', 3],
  ] as const)('%s over %i gives the text of one process, asked at any node', async (sharding, hostCount) => {
    const first = nodes[0]!
    const placedMs = performance.now()
    const instance = await place(first, reference.model, { sharding, min_nodes: hostCount })
    reportFigure(`${sharding} over ${hostCount}, placed and loaded`, (performance.now() - placedMs) / 1000, 's')
    expect(instance).toMatchObject({ strategy: hostCount === 1 ? 'pipeline' : sharding, backend: hostCount === 1 ? 'local' : 'ring', status: 'ready' })
    expect(new Set(instance.shards.map(({ nodeId }) => nodeId)).size).toBe(hostCount)
    const startedMs = performance.now()
    for (const node of nodes) {
      for (const [index, question] of QUESTIONS.entries()) {
        const { text } = await ask(node.apiUrl, reference.model, question)
        expect(text).toBe(reference.answers[index]!.text)
      }
    }
    const tokens = nodes.length * reference.answers.reduce((sum, answer) => sum + answer.tokens, 0)
    reportFigure(`${sharding} over ${hostCount}, all on this machine`, (tokens / (performance.now() - startedMs)) * 1000, 'tokens/s')
    await remove(first, instance.instanceId)
  })
})
