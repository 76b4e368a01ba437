import { availableParallelism } from 'node:os'
import { describe, expect, it } from 'vitest'
import { reportFigure } from '../node/report-figure.ts'
import { ask, type Question } from './lab/ask.ts'
import type { ClusterNode } from './lab/cluster-node.ts'
import { place, remove } from './lab/instances.ts'
import type { Reference } from './lab/reference.ts'
import { useReferenceCluster } from './lab/use-reference-cluster.ts'

const QUESTIONS: readonly Question[] = [
  { prompt: 'The three oldest cities of Europe are', temperature: 0 },
  { prompt: 'Once upon a time, in a machine room,', temperature: 0.8, seed: 42 },
]

describe('SmolLM2 over several hosts', () => {
  let nodes: ClusterNode[]
  let reference: Reference

  useReferenceCluster(3, QUESTIONS, (formed) => void ({ nodes, reference } = formed))

  it.each([
    ['pipeline', 1, 48],
    ['pipeline', 2, 24],
    ['pipeline', 3, 16],
    // Each token takes 60 sums over all ranks, and here three ranks share two processors.
    ['tensor', 3, 8],
  ] as const)('%s over %i gives the text of one process, asked at any node', async (sharding, hostCount, maxTokens) => {
    const [first, , last] = nodes as [ClusterNode, ClusterNode, ClusterNode]
    const placedMs = performance.now()
    const instance = await place(first, reference.model, { sharding, min_nodes: hostCount })
    reportFigure(`${sharding} over ${hostCount}, placed and loaded`, (performance.now() - placedMs) / 1000, 's')
    expect(instance).toMatchObject({ strategy: sharding, backend: hostCount === 1 ? 'local' : 'ring', status: 'ready' })
    expect(new Set(instance.shards.map(({ nodeId }) => nodeId)).size).toBe(hostCount)
    const startedMs = performance.now()
    let tokens = 0
    for (const [index, question] of QUESTIONS.entries()) {
      for (const node of index === 0 ? [first, last] : [last]) {
        const answer = await ask(node.apiUrl, reference.model, { ...question, maxTokens })
        expect(answer.tokens).toBe(maxTokens)
        expect(reference.answers[index]!.text.slice(0, answer.text.length)).toBe(answer.text)
        tokens += answer.tokens
      }
    }
    reportFigure(
      `${sharding} over ${hostCount}, hosts sharing ${availableParallelism()} processors`,
      (tokens / (performance.now() - startedMs)) * 1000,
      'tokens/s',
    )
    await remove(first, instance.instanceId)
  })
})
