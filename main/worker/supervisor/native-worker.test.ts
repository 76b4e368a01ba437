import { rm, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../platform/clock.ts'
import { forkProcess } from '../../platform/processes/fork-process.ts'
import { createLog } from '../../platform/log/log.ts'
import { GenerationSpec } from '../../shared/inference/generation.ts'
import { ShardSpec } from '../../shared/shard.ts'
import { writeTinyModel } from './__fixtures__/write-tiny-model.ts'
import { startWorker } from './start-worker.ts'
import type { GenerationPart } from '../../shared/inference/generation.ts'
import type { Worker, WorkerLimits } from './worker.ts'

const root = join(import.meta.dirname, '..', '..', '..')
const log = createLog({ level: 'silent', format: 'json', write: () => undefined })
const prompt = [1, 2, 3]
const CONTEXT_TOKENS = 100_000

let modelDir: string
beforeAll(async () => {
  modelDir = await writeTinyModel()
})
afterAll(() => rm(modelDir, { recursive: true }))

const workers: Worker[] = []
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop()))
})

async function start(limits: Partial<WorkerLimits> = {}, addon = join(root, 'build', 'native', 'exo_engine.node')): Promise<Worker> {
  const options = {
    label: 'tiny',
    entry: join(root, 'main', 'worker', 'child', 'main.ts'),
    environment: { EXO_NATIVE_ADDON: addon },
    limits,
  }
  const worker = await startWorker(options, {
    spawn: forkProcess,
    clock: systemClock,
    log,
    countOutOfMemoryKills: () => Promise.resolve(0),
  })
  workers.push(worker)
  return worker
}

const load = (worker: Worker): Promise<unknown> =>
  worker.load(
    ShardSpec.parse({
      modelDir,
      strategy: 'pipeline',
      backend: 'local',
      rank: 0,
      worldSize: 1,
      layers: { start: 0, end: 2 },
      contextTokens: CONTEXT_TOKENS,
      dequantize: true,
      threads: 1,
    }),
    () => undefined,
  )

const generation = (changes: Record<string, unknown>): GenerationSpec =>
  GenerationSpec.parse({
    generationId: 'a',
    promptTokenIds: prompt,
    maxTokens: 24,
    stopTokenIds: [],
    sampling: { seed: '7', temperature: 0.8 },
    ...changes,
  })

async function tokensOf(parts: AsyncIterable<GenerationPart>, onToken: (tokens: number) => void = () => undefined): Promise<number[]> {
  const tokenIds: number[] = []
  for await (const part of parts) if (part.type === 'token-delta') onToken(tokenIds.push(part.token.tokenId))
  return tokenIds
}

describe('the native engine in its own process', () => {
  it('loads a model, samples by the seed, and continues where another left off', async () => {
    const worker = await start()
    expect(worker.nativeVersion).toMatch(/^MLX \d/)
    expect(await load(worker)).toMatchObject({ modelType: 'llama', layers: 2, vocabSize: 256 })
    const whole = await tokensOf(worker.generate(generation({})))
    expect(whole).toHaveLength(24)
    expect(await tokensOf(worker.generate(generation({ sampling: { seed: '8', temperature: 0.8 } })))).not.toEqual(whole)
    for (const resumedTokens of [1, 9, 23]) {
      const resumed = { promptTokenIds: [...prompt, ...whole.slice(0, resumedTokens)], resumedTokens, maxTokens: 24 - resumedTokens }
      expect(await tokensOf(worker.generate(generation(resumed)))).toEqual(whole.slice(resumedTokens))
    }
    await worker.stop()
    expect(await worker.exited).toBeNull()
  })

  it('ends a cancelled generation and takes the next one', async () => {
    const worker = await start()
    await load(worker)
    const abort = new AbortController()
    const cancelled = await tokensOf(
      worker.generate(generation({ maxTokens: 90_000 }), abort.signal),
      (tokens) => tokens === 5 && abort.abort(),
    )
    expect(cancelled.length).toBeLessThan(90_000)
    expect(await tokensOf(worker.generate(generation({ generationId: 'b' })))).toHaveLength(24)
    await expect.poll(() => worker.stats(), { timeout: 10_000 }).toMatchObject({ running: 0, waiting: 0 })
  })

  it.each([
    ['SIGSEGV', {}, 'crashed'],
    ['SIGKILL', {}, 'killed'],
    ['SIGSTOP', { heartbeatSilenceMs: 5_000 }, 'hung'],
  ] as const)('fails its generations when the process gets %s', async (signal, limits, reason) => {
    const worker = await start(limits)
    await load(worker)
    const parts = worker.generate(generation({ maxTokens: 90_000 }))
    const reading = tokensOf(parts, (tokens) => tokens === 5 && process.kill(worker.processId() ?? 0, signal))
    await expect(reading).rejects.toMatchObject({ code: 'worker-died', details: { reason } })
    expect(worker.status()).toBe('exited')
  })

  it('refuses a prompt beyond the context and ids beyond the vocabulary, and goes on', async () => {
    const worker = await start()
    await load(worker)
    await expect(
      tokensOf(worker.generate(generation({ promptTokenIds: Array<number>(CONTEXT_TOKENS + 1).fill(1) }))),
    ).rejects.toMatchObject({ code: 'context-exceeded' })
    await expect(tokensOf(worker.generate(generation({ promptTokenIds: [256] })))).rejects.toMatchObject({ code: 'invalid-token' })
    expect(await tokensOf(worker.generate(generation({})))).toHaveLength(24)
  })

  it('tells what is wrong with an addon or a model', async () => {
    await expect(start({}, '/nowhere/exo_engine.node')).rejects.toMatchObject({ code: 'addon-missing' })
    const worker = await start()
    await truncate(join(modelDir, 'model.safetensors'), 10_000)
    await expect(load(worker)).rejects.toMatchObject({ code: 'model-damaged' })
    expect(worker.status()).toBe('exited')
  })
})
