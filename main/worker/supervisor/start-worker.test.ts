import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../platform/clock.ts'
import { forkProcess } from '../../platform/processes/fork-process.ts'
import { createLog } from '../../platform/log/log.ts'
import { GenerationSpec } from '../../shared/inference/generation.ts'
import { ShardSpec } from '../../shared/shard.ts'
import { startWorker } from './start-worker.ts'
import type { GenerationPart } from '../../shared/inference/generation.ts'
import type { Worker, WorkerLimits } from './worker.ts'

const log = createLog({ level: 'silent', format: 'json', write: () => undefined })
const entry = join(import.meta.dirname, '__fixtures__', 'scripted-worker.ts')
const shard = ShardSpec.parse({
  modelDir: '/models/tiny',
  strategy: 'pipeline',
  backend: 'local',
  rank: 0,
  worldSize: 1,
  layers: { start: 0, end: 2 },
  contextTokens: 64,
  dequantize: true,
  threads: 1,
})
const generation = (generationId: string, maxTokens = 4): GenerationSpec =>
  GenerationSpec.parse({ generationId, promptTokenIds: [1, 2, 3], maxTokens, stopTokenIds: [], sampling: { seed: '1' } })

const workers: Worker[] = []
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop()))
})

async function start(script: string, limits: Partial<WorkerLimits> = {}): Promise<Worker> {
  const worker = await startWorker(
    { label: 'rank 0 of tiny', entry, environment: { SCRIPT: script }, limits },
    { spawn: forkProcess, clock: systemClock, log, countOutOfMemoryKills: () => Promise.resolve(0) },
  )
  workers.push(worker)
  return worker
}

async function startReady(script: string, limits: Partial<WorkerLimits> = {}): Promise<Worker> {
  const worker = await start(script, limits)
  await worker.load(shard, () => undefined)
  return worker
}

async function read(parts: AsyncIterable<GenerationPart>): Promise<{ tokenIds: number[]; finishReason: string | null; error: unknown }> {
  const tokenIds: number[] = []
  let finishReason: string | null = null
  try {
    for await (const part of parts) {
      if (part.type === 'token-delta') tokenIds.push(part.token.tokenId)
      if (part.type === 'generation-end') finishReason = part.finishReason
    }
  } catch (error) {
    return { tokenIds, finishReason, error }
  }
  return { tokenIds, finishReason, error: null }
}

const death = (reason: string): unknown => expect.objectContaining({ code: 'worker-died', details: expect.objectContaining({ reason }) })

describe('a worker that behaves', () => {
  it('starts, loads, generates side by side, and stops', async () => {
    const worker = await start('')
    expect({ status: worker.status(), version: worker.nativeVersion }).toEqual({ status: 'started', version: 'scripted' })
    const progress: number[] = []
    expect(await worker.load(shard, (loadedBytes) => progress.push(loadedBytes))).toMatchObject({ modelType: 'llama' })
    expect(progress).toEqual([50, 100])
    const both = await Promise.all([read(worker.generate(generation('a'))), read(worker.generate(generation('b', 2)))])
    expect(both).toEqual([
      { tokenIds: [4, 5, 6, 7], finishReason: 'length', error: null },
      { tokenIds: [4, 5], finishReason: 'length', error: null },
    ])
    await worker.followSteps()
    await Promise.all([worker.stop(), worker.stop()])
    expect({ status: worker.status(), death: await worker.exited }).toEqual({ status: 'exited', death: null })
    expect(() => worker.generate(generation('c'))).toThrow(expect.objectContaining({ code: 'worker-died' }))
  })

  it('ends a generation as cancelled when its signal aborts, and frees it when the reader leaves or never reads', async () => {
    const worker = await startReady('')
    const abort = new AbortController()
    const cancelled = read(worker.generate(generation('aborted', 10_000), abort.signal))
    for await (const part of worker.generate(generation('left', 10_000))) if (part.type === 'token-delta') break
    await worker.generate(generation('unread', 10_000))[Symbol.asyncIterator]().return?.()
    abort.abort()
    expect(await cancelled).toMatchObject({ finishReason: 'cancelled', error: null })
    await expect.poll(() => worker.stats()?.running, { timeout: 10_000 }).toBe(0)
  })

  it('tells its steps, and fails whoever waits for them when it dies', async () => {
    const step = { beginEpochMs: 1, endEpochMs: 2, planMs: 0.5, decodedTokens: 1, prefilledTokens: 0 }
    const worker = await startReady('')
    expect(await Promise.all([worker.steps(), worker.steps()])).toEqual([[step], [step]])
    await expect((await startReady('no-steps')).steps()).rejects.toEqual(death('exited'))
    await expect((await start('')).steps()).rejects.toEqual(death('not-ready'))
  })

  it('passes on what the engine refuses', async () => {
    const worker = await startReady('engine-error')
    expect(await read(worker.generate(generation('a')))).toMatchObject({
      tokenIds: [4],
      error: { code: 'engine-busy', message: 'too many' },
    })
    expect(worker.status()).toBe('ready')
  })

  it('cancels for a reader that is too far behind', async () => {
    const worker = await startReady('flood', { bufferedParts: 20 })
    const parts = worker.generate(generation('a', 100_000))
    const hasEnded = (): boolean => worker.stats()?.running === 0 && (worker.stats()?.steps ?? 0) > 10
    await expect.poll(hasEnded, { timeout: 10_000 }).toBe(true)
    const { tokenIds, error } = await read(parts)
    expect(error).toMatchObject({ code: 'consumer-too-slow' })
    expect(tokenIds.length).toBeGreaterThan(10)
    expect(tokenIds.length).toBeLessThan(30)
  })
})

describe('a worker that dies', () => {
  it('fails its generations with the signal and its last words', async () => {
    const worker = await startReady('crash-at-2')
    const { tokenIds, error } = await read(worker.generate(generation('a')))
    expect(tokenIds).toEqual([4, 5])
    expect(error).toEqual(death('crashed'))
    expect((error as Error).message).toContain('tensor 7 is broken')
    expect(await worker.exited).toEqual(death('crashed'))
  })

  it('tells its exit status', async () => {
    const worker = await startReady('exit-at-2')
    expect(await read(worker.generate(generation('a')))).toMatchObject({
      error: { code: 'worker-died', details: { reason: 'exited', exitCode: 7 } },
    })
  })

  it('fails a load with the code that it gave', async () => {
    const worker = await start('damaged')
    await expect(worker.load(shard, () => undefined)).rejects.toMatchObject({
      code: 'model-damaged',
      details: { file: 'model.safetensors' },
    })
    expect(worker.status()).toBe('exited')
  })

  it('is known to have run out of memory', async () => {
    const worker = await start('out-of-memory')
    await expect(worker.load(shard, () => undefined)).rejects.toEqual(death('out-of-memory'))
  })

  it('is seen when it dies before it has started, or does not exist', async () => {
    await expect(start('exit-at-start')).rejects.toEqual(death('exited'))
    await expect(
      startWorker(
        { label: 'none', entry: '/nowhere/main.ts', environment: {} },
        { spawn: forkProcess, clock: systemClock, log, countOutOfMemoryKills: () => Promise.resolve(null) },
      ),
    ).rejects.toEqual(death('exited'))
  })

  it('is ended when it sends what is no event', async () => {
    const worker = await startReady('garbage-at-2')
    expect(await read(worker.generate(generation('a')))).toMatchObject({ tokenIds: [4, 5], error: { code: 'worker-died' } })
  })
})

describe('a worker that hangs', () => {
  it('is ended when it does not start', async () => {
    await expect(start('silent-start', { startMs: 500 })).rejects.toEqual(death('hung'))
  })

  it('is ended when its load does not go on', async () => {
    const worker = await start('load-forever', { loadSilenceMs: 500 })
    await expect(worker.load(shard, () => undefined)).rejects.toEqual(death('hung'))
  })

  it('is ended when it does not join its group', async () => {
    const worker = await start('load-forever', { joinMs: 500 })
    await expect(worker.load(shard, () => undefined)).rejects.toThrow('could not reach the other ranks')
  })

  it('is ended when its engine does not step', async () => {
    const worker = await startReady('stuck-at-2', { stepMs: 4_000, firstStepMs: 4_000 })
    let standstills = 0
    worker.onStandstill(() => (standstills += 1))
    expect(await read(worker.generate(generation('a')))).toEqual({ tokenIds: [4, 5], finishReason: null, error: death('hung') })
    // It was told before, and once.
    expect(standstills).toBe(1)
  })

  it('is ended when it says nothing any more', async () => {
    const worker = await startReady('freeze-at-2', { heartbeatSilenceMs: 5_000 })
    expect(await read(worker.generate(generation('a')))).toMatchObject({ error: death('hung') })
  })

  it('is killed when it does not close', async () => {
    const worker = await startReady('deaf', { closeMs: 200, termMs: 200 })
    await worker.stop()
    expect(worker.status()).toBe('exited')
  })
})

describe('an abort', () => {
  it('ends a start and a load', async () => {
    const dependencies = { spawn: forkProcess, clock: systemClock, log, countOutOfMemoryKills: () => Promise.resolve(0) }
    const startAbort = new AbortController()
    const starting = startWorker({ label: 'silent', entry, environment: { SCRIPT: 'silent-start' } }, dependencies, startAbort.signal)
    setTimeout(() => startAbort.abort(new Error('no need')), 300)
    await expect(starting).rejects.toThrow('no need')

    const loadAbort = new AbortController()
    const worker = await start('load-forever')
    const loading = worker.load(shard, () => undefined, loadAbort.signal)
    loadAbort.abort(new Error('no need'))
    await expect(loading).rejects.toThrow('no need')
    expect(worker.status()).toBe('exited')
  })
})
