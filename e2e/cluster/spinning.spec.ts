import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { reportFigure } from '../node/report-figure.ts'
import { ask, type Question } from './lab/ask.ts'
import type { ClusterNode } from './lab/cluster-node.ts'
import { Cluster, whenFormed } from './lab/cluster.ts'
import { place, type PlacedInstance, whenReady } from './lab/instances.ts'
import { clusterReferenceAnswers, type Reference } from './lab/reference.ts'

const QUESTION: Question = { prompt: 'Once upon a time, in a machine room,', temperature: 0.8, seed: 42, maxTokens: 32 }
const BREAK_AT_PART = 8
const END_LIMIT_MS = 15_000
/** A processor's share of the slow rank: its first step then takes longer than a worker of full speed may stand still. */
const RUN_MS = 40
const PAUSE_MS = 960
const longQuestion = (word: string): Question => ({
  prompt: `The ${word} was dark, and nobody had been there for years. `.repeat(30),
  temperature: 0,
  maxTokens: 2,
})
/** The first teaches the supervisors how long a step of this size takes, so that they expect the second to take no longer. */
const [FAST, SLOW] = [longQuestion('machine room'), longQuestion('power house')]

/**
 * JACCL waits for another rank in an endless loop and never notices that it is gone. Here the ring's sockets do the same, and
 * nothing but the cluster can end such a wait.
 */
describe('ranks that spin while they wait', () => {
  let cluster: Cluster
  let reference: Reference
  let folder: string
  let nodes: readonly ClusterNode[]
  let instance: PlacedInstance

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'exo-spinning-'))
    const library = join(folder, 'spinning-ring.so')
    execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, join(import.meta.dirname, '../harness/spinning_ring.c'), '-ldl'])
    cluster = await Cluster.create(2)
    reference = await clusterReferenceAnswers(cluster, [1, 2], [QUESTION, FAST, SLOW])
    nodes = await cluster.startAll([1, 2], { arguments: ['--no-default-model'], env: { LD_PRELOAD: library } })
    await whenFormed(nodes)
    instance = await place(nodes[0]!, reference.model, { sharding: 'pipeline', min_nodes: 2 })
  })
  afterAll(async () => {
    if (process.env['EXO_LOGS']) console.log(cluster?.output())
    await cluster?.close()
    await rm(folder, { recursive: true, force: true })
  })

  const ownerOf = ({ shards }: PlacedInstance, rank: number): ClusterNode =>
    nodes.find(({ nodeId }) => nodeId === shards.find((shard) => shard.rank === rank)?.nodeId)!

  it('wait for a living rank, however slow it is', async () => {
    const [slow] = ownerOf(instance, 1).workers()
    const asked = ownerOf(instance, 0).apiUrl
    expect((await ask(asked, reference.model, FAST)).text).toBe(reference.answers[1]!.text)
    const workers = nodes.flatMap((node) => node.workers())
    let isSlow = true
    const slowed = (async () => {
      while (isSlow) {
        process.kill(slow!, 'SIGSTOP')
        await sleep(PAUSE_MS)
        process.kill(slow!, 'SIGCONT')
        await sleep(RUN_MS)
      }
    })()
    const startedMs = performance.now()
    try {
      const answer = await ask(asked, reference.model, SLOW)
      expect(answer.text).toBe(reference.answers[2]!.text)
    } finally {
      isSlow = false
      await slowed
    }
    reportFigure('answer with a rank at a twenty-fifth of its speed', (performance.now() - startedMs) / 1000, 's')
    expect(nodes.flatMap((node) => node.workers())).toEqual(workers)
  })

  it.each([0, 1])('are ended by the cluster when rank %i dies, and the answer goes on', async (rank) => {
    const placed = await whenReady(nodes[0]!, instance.instanceId)
    const asked = ownerOf(placed, 1 - rank)
    const [spinning] = asked.workers()
    const [dying] = ownerOf(placed, rank).workers()
    let diedMs = 0
    const answering = ask(asked.apiUrl, reference.model, QUESTION, (count) => {
      if (count !== BREAK_AT_PART) return
      diedMs = performance.now()
      process.kill(dying!, 'SIGKILL')
    })
    while (diedMs === 0 || (asked.workers().includes(spinning!) && performance.now() - diedMs < END_LIMIT_MS)) await sleep(50)
    const endedMs = performance.now()
    const answer = await answering
    reportFigure(`the worker that waits for rank ${rank} ended`, (endedMs - diedMs) / 1000, 's')
    reportFigure(`longest gap when rank ${rank} dies`, answer.longestGapMs / 1000, 's')
    expect(endedMs - diedMs).toBeLessThan(END_LIMIT_MS)
    expect(answer.text).toBe(reference.answers[0]!.text)
  })
})
