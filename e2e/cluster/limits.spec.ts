import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { post } from '../node/call-api.ts'
import { ask, type Question } from './lab/ask.ts'
import type { ClusterNode } from './lab/cluster-node.ts'
import { Cluster, whenFormed } from './lab/cluster.ts'
import { place, remove } from './lab/instances.ts'
import { type Reference, clusterReferenceAnswers } from './lab/reference.ts'

const QUESTION: Question = { prompt: 'Once upon a time, in a machine room,', temperature: 0.8, seed: 42, maxTokens: 12 }

describe('--max-memory', () => {
  let cluster: Cluster
  let reference: Reference
  beforeAll(async () => {
    cluster = await Cluster.create(3)
    reference = await clusterReferenceAnswers(cluster, [1, 2, 3], [QUESTION])
  })
  afterAll(() => cluster?.close())

  async function startAll(maxMemory: string): Promise<ClusterNode[]> {
    const nodes = await cluster.startAll([1, 2, 3], { arguments: ['--no-default-model', '--max-memory', maxMemory, '--context', '2048'] })
    await whenFormed(nodes)
    return nodes
  }

  it('below the size of the model on each host: the model is split over several', async () => {
    const nodes = await startAll('100MB')
    const instance = await place(nodes[0]!, reference.model)
    expect(instance.shards.length).toBeGreaterThan(1)
    for (const { weightBytes } of instance.shards) expect(weightBytes).toBeLessThan(100e6)
    const { text } = await ask(nodes[2]!.apiUrl, reference.model, QUESTION)
    expect(text).toBe(reference.answers[0]!.text)
    await remove(nodes[0]!, instance.instanceId)
    await Promise.all(nodes.map((node) => node.stop()))
  })

  it('too little in all: an error that says how much is missing, from the API and from exo plan', async () => {
    const nodes = await startAll('40MB')
    const refused = await post(nodes[1]!.apiUrl, '/v1/completions', { model: reference.model, prompt: 'Hi', max_tokens: 1 })
    // On a slow machine, the answer may have begun before the refusal.
    expect([200, 503]).toContain(refused.status)
    expect(refused.body.error).toMatchObject({
      code: 'not_enough_memory',
      message: expect.stringMatching(/the 3 nodes have 120 MB free.* \d[\d.]* [MK]B more are needed/),
    })
    const placed = await post(nodes[1]!.apiUrl, '/place_instance', { model_id: reference.model })
    expect([placed.status, placed.body.error.code]).toEqual([503, 'not_enough_memory'])

    const topologyFile = join(nodes[0]!.dataDir, 'topology.json')
    const machine = { totalBytes: 40e6, availableBytes: 40e6 }
    const links = ['a', 'b', 'c'].flatMap((from, index, names) =>
      names.filter((to) => to !== from).map((to) => ({ from, to, kind: 'tcp', address: `10.0.${index}.${to.charCodeAt(0)}` })),
    )
    await writeFile(topologyFile, JSON.stringify({ nodes: { a: machine, b: machine, c: machine }, links }))
    const planned = await nodes[0]!.exo('plan', '--model', reference.model, '--topology', topologyFile, '--context', '2048', '--json')
    expect(planned.status).toBe(1)
    expect(JSON.parse(planned.stdout)).toMatchObject({
      error: { code: 'not-enough-memory', details: { missingBytes: expect.any(Number) } },
    })
    expect(planned.stderr).toMatch(/more are needed/)
    await Promise.all(nodes.map((node) => node.stop()))
  })
})
