import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { get, post } from './node/call-api.ts'
import { defaultModel } from './node/default-model.ts'
import { processorSecondsOf, residentBytesOf } from './node/processes.ts'
import { reportFigure } from './node/report-figure.ts'
import { type RunningExo, startExo } from './node/start-exo.ts'

const IDLE_SECONDS = 10
const MOST_MORE_WINDOWS = 5
const MOST_BUSY_RATIO = 0.03

describe('a node that was started before', () => {
  let node: RunningExo
  let dataDir: string

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'exo-second-'))
    await (await startExo({ dataDir })).stop()
    node = await startExo({ dataDir })
  })
  afterAll(async () => {
    await node?.stop()
    await rm(dataDir, { recursive: true, force: true })
  })

  it('is ready within seconds', () => {
    reportFigure('second start, listening', node.listeningMs / 1000, 's')
    reportFigure('second start, model ready', (node.readyMs ?? Infinity) / 1000, 's')
    expect(node.readyMs).toBeLessThan(30_000)
  })

  it('takes little memory besides the model', async () => {
    const { model } = await defaultModel(node)
    await post(node.apiUrl, '/v1/completions', { model, prompt: 'The', max_tokens: 16 })
    await sleep(2_000)
    const { body } = await get(node.apiUrl, '/state')
    const instances: { shards: { residentBytes: number }[] }[] = Object.values(body.instances)
    const modelBytes = instances.flatMap(({ shards }) => shards).reduce((sum, shard) => sum + shard.residentBytes, 0)
    const besidesBytes = residentBytesOf(node.processId) - modelBytes
    reportFigure('model in memory', modelBytes / 1e6, 'MB')
    reportFigure('memory besides the model', besidesBytes / 1e6, 'MB')
    expect(besidesBytes).toBeLessThan(250e6)
  })

  it.skipIf(process.platform !== 'linux')('takes next to no processor time while idle', async () => {
    const measure = async (): Promise<number> => {
      const before = processorSecondsOf(node.processId)
      await sleep(IDLE_SECONDS * 1000)
      return (processorSecondsOf(node.processId) - before) / IDLE_SECONDS
    }
    // After a start and an answer, garbage collection and compilation go on for a while; the node is not idle yet.
    let busyRatio = await measure()
    for (let more = 0; more < MOST_MORE_WINDOWS && busyRatio >= MOST_BUSY_RATIO; more += 1) busyRatio = await measure()
    reportFigure('processor time while idle', busyRatio * 100, '% of a core')
    expect(busyRatio).toBeLessThan(MOST_BUSY_RATIO)
  })
})
