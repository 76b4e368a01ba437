import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { reportFigure } from '../node/report-figure.ts'
import { projectDir } from '../node/run-exo.ts'
import type { Question } from './lab/ask.ts'
import { Cluster, whenFormed } from './lab/cluster.ts'
import type { ClusterNode } from './lab/cluster-node.ts'
import { type Reference, clusterReferenceAnswers } from './lab/reference.ts'

const QUESTION: Question = { prompt: 'Once upon a time, in a machine room,', temperature: 0, maxTokens: 8 }

describe('the commands for a fleet', () => {
  let cluster: Cluster
  let nodes: ClusterNode[]
  let reference: Reference

  beforeAll(async () => {
    cluster = await Cluster.create(3)
    reference = await clusterReferenceAnswers(cluster, [1], [QUESTION])
    nodes = await cluster.startAll([1, 2, 3], { arguments: ['--no-default-model'] })
    await whenFormed(nodes)
  })
  afterAll(async () => {
    if (process.env['EXO_LOGS']) console.log(cluster?.output())
    await cluster?.close()
  })

  it('exo logs shows the lines of every node, in order, as JSON and of one node', async () => {
    const [first, second] = nodes as [ClusterNode, ClusterNode]
    const { status, stdout } = await first.exo('logs', '--json')
    expect(status).toBe(0)
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { nodeId: string; time: string; text: string })
    expect(new Set(lines.map(({ nodeId }) => nodeId))).toEqual(new Set(nodes.map(({ nodeId }) => nodeId)))
    expect(lines.map(({ time }) => time)).toEqual(lines.map(({ time }) => time).toSorted())
    const ofSecond = await first.exo('logs', '--node', second.nodeId, '-n', '3')
    expect(ofSecond.stdout.trim().split('\n')).toHaveLength(3)
    expect(await first.exo('logs', '--node', 'nowhere')).toMatchObject({ status: 1, stderr: expect.stringContaining('There is no node') })
  })

  it('exo models pull --all brings a model that one node has to the others', async () => {
    const third = nodes[2]!
    const startedMs = performance.now()
    const pulled = await third.exo('models', 'pull', reference.model, '--all')
    expect(pulled, pulled.stderr).toMatchObject({ status: 0 })
    reportFigure('a model of 93 MB pulled by two nodes', (performance.now() - startedMs) / 1000, 's')
    expect(pulled.stdout.match(/is already there/g)).toHaveLength(1)
    expect(pulled.stdout.match(/copied from other machines/g)).toHaveLength(2)
    const { views } = await whenFormed(nodes)
    expect(views).toHaveLength(3)
  })

  it('exo logs -f shows what happens on another node, until Ctrl-C', async () => {
    const [first, second] = nodes as [ClusterNode, ClusterNode]
    const program = [join(projectDir, 'dist', 'exo.mjs'), 'logs', '-f', '--node', second.nodeId, '-n', '1', '--data-dir', first.dataDir]
    const child = cluster.lab.run(1, process.execPath, program)
    let shown = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (shown += text))
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
    await waitUntil(() => shown.includes('\n'), 'the last line')
    const { stdout } = await first.exo('load', reference.model, '--nodes', second.nodeId)
    await waitUntil(() => shown.includes('shard ready'), 'the line of the loaded model')
    child.kill('SIGINT')
    expect(await ended).toBe(0)
    await first.exo('unload', stdout.split(' ')[0] ?? '')
  })
})

async function waitUntil(holds: () => boolean, what: string): Promise<void> {
  const deadlineMs = performance.now() + 30_000
  while (!holds()) {
    if (performance.now() > deadlineMs) throw new Error(`after 30 s still no ${what}`)
    await sleep(50)
  }
}
