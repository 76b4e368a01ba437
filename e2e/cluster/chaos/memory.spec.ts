import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { defaultModelFile } from '../../node/default-model.ts'
import { reportFigure } from '../../node/report-figure.ts'
import { ask, type Question } from '../lab/ask.ts'
import type { ClusterNode } from '../lab/cluster-node.ts'
import { Cluster, whenFormed } from '../lab/cluster.ts'

const QUESTION: Question = { prompt: 'Once upon a time, in a machine room,', temperature: 0.8, seed: 42, maxTokens: 12 }
/** One model more than the two machines have memory for. */
const MODELS = ['exo/first', 'exo/second', 'exo/third']
const TURNS = 2

/** Takes minutes, so only `npm run chaos` runs it; `making-room.spec.ts` tests the rules on one machine. */
describe.runIf(process.env['EXO_CHAOS_MINUTES'])('memory that is short', () => {
  let cluster: Cluster
  let nodes: ClusterNode[]

  beforeAll(async () => {
    cluster = await Cluster.create(2)
    nodes = await cluster.startAll([1, 2], { arguments: ['--no-default-model', '--max-memory', '320MB', '--log-level', 'info'] })
    await whenFormed(nodes)
    for (const node of nodes)
      for (const id of MODELS) expect((await node.exo('models', 'import', defaultModelFile, '--id', id)).status).toBe(0)
  })
  afterAll(async () => {
    if (process.env['EXO_LOGS']) console.log(cluster?.output())
    await cluster?.close()
  })

  it('F4: an idle model makes room for a requested one, at any node, even if its worker has just been killed', async ({ onTestFailed }) => {
    onTestFailed(() => console.log(cluster.output()))
    const texts = new Set<string>()
    const waitsMs: number[] = []
    for (let turn = 0; turn < TURNS; turn += 1) {
      for (const [index, model] of MODELS.entries()) {
        const asked = nodes[(turn + index) % nodes.length]!
        // In the second round, the worker that holds the memory is dead or dying when the request arrives.
        if (turn > 0) for (const pid of nodes.flatMap((node) => node.workers()).slice(0, 1)) process.kill(pid, 'SIGKILL')
        const askedMs = performance.now()
        texts.add((await ask(asked.apiUrl, model, QUESTION)).text)
        waitsMs.push(performance.now() - askedMs)
      }
    }
    expect(texts.size).toBe(1)
    expect([...texts][0]).not.toBe('')
    reportFigure('longest answer of a model whose place another held', Math.max(...waitsMs) / 1000, 's')
  }, 600_000)
})
