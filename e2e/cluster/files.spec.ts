import { cp, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { reportFigure } from '../node/report-figure.ts'
import { ask, type Question } from './lab/ask.ts'
import { Cluster, whenFormed } from './lab/cluster.ts'
import { place } from './lab/instances.ts'
import { type Reference, clusterReferenceAnswers } from './lab/reference.ts'

const QUESTION: Question = { prompt: 'Once upon a time, in a machine room,', temperature: 0.8, seed: 42, maxTokens: 12 }

/** The total size of all files below a folder; 0 if it does not exist. */
async function bytesOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true }).catch(() => [])
  const sizes = await Promise.all(
    entries.map((entry) =>
      stat(join(folder, entry)).then(
        (facts) => (facts.isFile() ? facts.size : 0),
        () => 0,
      ),
    ),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

describe('a model that only one node has', () => {
  let cluster: Cluster
  let reference: Reference
  beforeEach(async () => {
    cluster = await Cluster.create(2)
    reference = await clusterReferenceAnswers(cluster, [1], [QUESTION])
  })
  afterEach(async (context) => {
    if (context.task.result?.state === 'fail') console.log(cluster?.output())
    await cluster?.close()
  })

  it('E03: is copied, with no hub in reach, to the node that is to hold a part of it', async () => {
    const nodes = await cluster.startAll([1, 2], { arguments: ['--no-default-model'] })
    await whenFormed(nodes)
    const startedMs = performance.now()
    let copiedMs = Number.NaN
    const watch = async (): Promise<void> => {
      while (Number.isNaN(copiedMs)) {
        const names = await readdir(join(nodes[1]!.dataDir, 'copies')).catch(() => [])
        if (names.some((name) => !name.endsWith('.partial'))) copiedMs = performance.now()
        await sleep(20)
      }
    }
    const [instance] = await Promise.all([place(nodes[1]!, reference.model, { sharding: 'pipeline', min_nodes: 2 }), watch()])
    const bytes = await bytesOf(join(nodes[1]!.dataDir, 'copies'))
    reportFigure('model copied between nodes', bytes / 1e6 / ((copiedMs - startedMs) / 1000), 'MB/s')
    reportFigure('model copied and loaded', (performance.now() - startedMs) / 1000, 's')
    expect(instance.shards).toHaveLength(2)
    const { text } = await ask(nodes[1]!.apiUrl, reference.model, QUESTION)
    expect(text).toBe(reference.answers[0]!.text)
  })

  it('as a folder given with --model serves the cluster under its path', async () => {
    const modelsDir = join(cluster.lab.dataDir(1), 'node', 'models')
    const config = (await readdir(modelsDir, { recursive: true })).find(
      (path) => path.endsWith('config.json') && !path.endsWith('tokenizer_config.json'),
    )!
    const modelDir = join(cluster.lab.dataDir(1), 'a model')
    await cp(join(modelsDir, config, '..'), modelDir, { recursive: true })
    const first = await cluster.start(1, {
      arguments: ['--no-default-model', '--model', modelDir, '--min-nodes', '1', '--max-memory', '600MB', '--context', '1024'],
    })
    const second = await cluster.start(2, { arguments: ['--no-default-model'], hiddenFolder: cluster.lab.dataDir(1) })
    await whenFormed([first, second])
    const { text } = await ask(second.apiUrl, modelDir, QUESTION)
    expect(text).toBe(reference.answers[0]!.text)
    const instance = await place(second, modelDir, { sharding: 'pipeline', min_nodes: 2 })
    expect(new Set(instance.shards.map(({ nodeId }) => nodeId)).size).toBe(2)
  })

  it('goes on where a copy was interrupted', async () => {
    const nodes = await cluster.startAll([1, 2], { arguments: ['--no-default-model'] })
    await whenFormed(nodes)
    const copies = join(nodes[1]!.dataDir, 'copies')
    void place(nodes[0]!, reference.model, { sharding: 'pipeline', min_nodes: 2 }).catch(() => undefined)
    while ((await bytesOf(copies)) < 20e6) await sleep(5)
    process.kill(nodes[1]!.processId, 'SIGKILL')
    await sleep(100)
    const before = await bytesOf(copies)
    expect((await readdir(copies)).every((name) => name.endsWith('.partial'))).toBe(true)
    reportFigure('copied when the node was killed', before / 1e6, 'MB')
    const started = await cluster.start(2, { arguments: ['--no-default-model', '--log-level', 'debug'] })
    await whenFormed([nodes[0]!, started])
    const instance = await place(started, reference.model, { sharding: 'pipeline', min_nodes: 2 })
    expect(instance.shards).toHaveLength(2)
    const { text } = await ask(started.apiUrl, reference.model, QUESTION)
    expect(text).toBe(reference.answers[0]!.text)
  })
})
