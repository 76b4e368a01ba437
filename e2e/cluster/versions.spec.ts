import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bundleVersionAhead } from '../harness/bundle-version-ahead.ts'
import { ask, type Question } from './lab/ask.ts'
import { Cluster, whenFormed } from './lab/cluster.ts'
import { place } from './lab/instances.ts'
import { clusterReferenceAnswers } from './lab/reference.ts'

const QUESTION: Question = { prompt: 'Once upon a time, in a machine room,', temperature: 0.8, seed: 42, maxTokens: 12 }

/** Machines update at different times, so nodes one version apart must work together, whichever is newer. */
describe('D3: versions of the program in one cluster', () => {
  let cluster: Cluster
  beforeEach(async () => void (cluster = await Cluster.create(2)))
  afterEach(async (context) => {
    if (context.task.result?.state === 'fail') console.log(cluster?.output())
    await cluster?.close()
  })

  it('today’s and the next, which says more than today’s knows, are one cluster and compute one answer', async () => {
    const { model, answers } = await clusterReferenceAnswers(cluster, [1, 2], [QUESTION])
    const today = await cluster.start(1, { arguments: ['--no-default-model'] })
    const next = await cluster.start(2, { arguments: ['--no-default-model'], program: await bundleVersionAhead(1) })
    const nodes = [today, next]
    await whenFormed(nodes)
    const instance = await place(today, model, { sharding: 'pipeline', min_nodes: 2 })
    expect(new Set(instance.shards.map(({ nodeId }) => nodeId))).toEqual(new Set(nodes.map(({ nodeId }) => nodeId)))
    for (const node of nodes) expect((await ask(node.apiUrl, model, QUESTION)).text).toBe(answers[0]!.text)
    expect(cluster.output()).not.toMatch(/invalid|peer lost/)
  })

  it('two versions apart they do not link, and say why', async () => {
    const today = await cluster.start(1, { arguments: ['--no-default-model', '--log-level', 'debug'] })
    await cluster.start(2, { arguments: ['--no-default-model'], program: await bundleVersionAhead(2) })
    await expect.poll(async () => (await today.exo('--list-peers')).stdout, { timeout: 20_000 }).toMatch(/incompatible version/)
    expect(Object.keys((await today.state()).nodes)).toEqual([today.nodeId])
  })
})
