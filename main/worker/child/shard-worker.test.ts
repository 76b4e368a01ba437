import { fork, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { WorkerEvent } from '../../shared/wire/worker/worker-event.ts'

const entry = join(import.meta.dirname, '__fixtures__', 'fake-engine-worker.ts')
const shard = {
  modelDir: '/tiny',
  strategy: 'pipeline',
  backend: 'local',
  rank: 0,
  worldSize: 1,
  layers: { start: 0, end: 2 },
  contextTokens: 64,
  dequantize: true,
  threads: 1,
}
const generation = (generationId: string, maxTokens: number, temperature = 1): unknown => ({
  generationId,
  promptTokenIds: [1],
  maxTokens,
  stopTokenIds: [],
  sampling: { seed: '1', temperature },
})

let child: ChildProcess
let events: WorkerEvent[]
let exitStatus: Promise<number | null>
afterEach(() => child.kill('SIGKILL'))

function start(): void {
  events = []
  child = fork(entry, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  child.on('message', (message) => events.push(WorkerEvent.parse(message)))
  exitStatus = new Promise((resolve) => child.on('exit', (status) => resolve(status)))
}

const typesOf = (): string[] => events.map(({ type }) => type)
const event = async <Type extends WorkerEvent['type']>(type: Type, count = 1): Promise<Extract<WorkerEvent, { type: Type }>> => {
  const found = (): WorkerEvent[] => events.filter((candidate) => candidate.type === type)
  await expect.poll(() => found().length, { timeout: 15_000, message: `waits for ${type}` }).toBeGreaterThanOrEqual(count)
  return found()[count - 1] as Extract<WorkerEvent, { type: Type }>
}

async function startReady(): Promise<void> {
  start()
  await event('worker-started')
  child.send({ type: 'load-shard', shard })
  await event('shard-ready')
}

describe('a shard worker', () => {
  it('starts, tells of its load without flooding, and leaves when told to', async () => {
    start()
    expect(await event('worker-started')).toEqual({ type: 'worker-started', processId: child.pid, nativeVersion: 'counting' })
    child.send({ type: 'load-shard', shard })
    expect(await event('shard-ready')).toMatchObject({ info: { modelType: 'llama' } })
    const progress = events.filter(({ type }) => type === 'shard-progress')
    expect(progress.at(-1)).toEqual({ type: 'shard-progress', loadedBytes: 1000, totalBytes: 1000 })
    expect(progress.length).toBeLessThan(50)
    child.send({ type: 'close-shard' })
    expect(await exitStatus).toBe(0)
  })

  it('generates, cancels, and tells at once that it is idle', async () => {
    await startReady()
    child.send({ type: 'start-generation', generation: generation('a', 3) })
    child.send({ type: 'start-generation', generation: generation('b', 100_000) })
    expect(await event('generation-end')).toMatchObject({ generationId: 'a', finishReason: 'length' })
    expect(events.flatMap((entry) => (entry.type === 'token-delta' && entry.generationId === 'a' ? [entry.token.tokenId] : []))).toEqual([
      2, 3, 4,
    ])
    child.send({ type: 'cancel-generation', generationId: 'b' })
    expect(await event('generation-end', 2)).toMatchObject({ generationId: 'b', finishReason: 'cancelled' })
    await expect.poll(() => typesOf().slice(typesOf().lastIndexOf('generation-end'))[1]).toBe('worker-heartbeat')
    expect(typesOf().filter((type) => type === 'steps-begin')).toHaveLength(1)
    expect(events.findLast(({ type }) => type === 'worker-heartbeat')).toMatchObject({ stats: { running: 0 }, stepTokens: 0 })
  })

  it('tells when its steps ran, in the time of day', async () => {
    await startReady()
    const beforeMs = Date.now()
    child.send({ type: 'tell-steps' })
    expect(await event('steps')).toMatchObject({ steps: [{ planMs: 1, decodedTokens: 1, prefilledTokens: 0 }] })
    const [step] = events.flatMap((entry) => (entry.type === 'steps' ? entry.steps : []))
    expect([step!.endEpochMs - step!.beginEpochMs, Math.abs(step!.endEpochMs - beforeMs) < 5_000]).toEqual([expect.closeTo(90), true])
  })

  it('beats each second from its start', async () => {
    start()
    await event('worker-heartbeat', 2)
    const beats = events.flatMap((told) => (told.type === 'worker-heartbeat' ? [told] : []))
    expect(beats[0]).toMatchObject({ layersDone: 0, stepTokens: 0 })
    expect(beats[0]!.cpuMs).toBeGreaterThan(0)
  })

  it('answers what the engine refuses, and goes on', async () => {
    await startReady()
    child.send({ type: 'start-generation', generation: generation('a', 2_000_000) })
    expect(await event('generation-error')).toMatchObject({ generationId: 'a', code: 'engine-busy' })
    child.send({ type: 'follow-steps' })
    expect(await event('steps-end')).toEqual({ type: 'steps-end' })
  })

  it('gives up a generation whose tokens nobody reads', async () => {
    await startReady()
    child.send({ type: 'start-generation', generation: generation('a', 1_000_000, 0) })
    expect(await event('generation-error')).toMatchObject({ code: 'consumer-too-slow' })
    expect(events.filter(({ type }) => type === 'token-delta').length).toBeLessThan(10_000)
  })

  it('loads the draft of a generation before it, ends one that is cancelled meanwhile, and goes on where it cannot be loaded', async () => {
    await startReady()
    const drafted = (id: string, modelDir: string): unknown => ({ ...(generation(id, 3) as object), draft: { modelId: 'small', modelDir } })
    child.send({ type: 'start-generation', generation: drafted('a', '/small') })
    expect(await event('generation-end')).toMatchObject({ generationId: 'a', finishReason: 'length' })
    child.send({ type: 'start-generation', generation: drafted('b', '/small') })
    child.send({ type: 'cancel-generation', generationId: 'b' })
    expect(await event('generation-end', 2)).toMatchObject({ generationId: 'b', finishReason: 'cancelled' })
    child.send({ type: 'start-generation', generation: drafted('c', '/damaged') })
    expect(await event('generation-error')).toMatchObject({ generationId: 'c', code: 'draft-failed' })
    child.send({ type: 'start-generation', generation: generation('d', 3) })
    expect(await event('generation-end', 3)).toMatchObject({ generationId: 'd', finishReason: 'length' })
  })

  it('tells while it loads a draft, also for a generation that is cancelled meanwhile', async () => {
    await startReady()
    child.send({
      type: 'start-generation',
      generation: { ...(generation('a', 3) as object), draft: { modelId: 'slow', modelDir: '/slow' } },
    })
    child.send({ type: 'cancel-generation', generationId: 'a' })
    const toldLoading = (): boolean[] => events.flatMap((told) => (told.type === 'worker-heartbeat' ? [told.loadsDraft] : []))
    await expect.poll(toldLoading, { timeout: 15_000 }).toContain(true)
    await event('generation-end')
    await expect.poll(() => toldLoading().at(-1), { timeout: 15_000 }).toBe(false)
  })

  it('ends when its engine breaks', async () => {
    await startReady()
    child.send({ type: 'start-generation', generation: generation('a', 13) })
    expect(await event('worker-error')).toMatchObject({ code: 'group-failed', message: 'Rank 1 is gone.' })
    expect(await exitStatus).toBe(1)
    expect(typesOf()).not.toContain('generation-error')
  })

  it.each([
    [
      'a load that fails',
      { type: 'load-shard', shard: { ...shard, modelDir: '/damaged' } },
      { code: 'model-damaged', details: { file: 'model.safetensors' } },
    ],
    ['a command that is none', { type: 'load-shard', shard: { rank: 'first' } }, { code: 'invalid-command' }],
  ])('ends with status 1 after %s', async (_name, command, error) => {
    start()
    await event('worker-started')
    child.send(command)
    expect(await event('worker-error')).toMatchObject(error)
    expect(await exitStatus).toBe(1)
  })

  it('does not outlive its supervisor', async () => {
    await startReady()
    child.disconnect()
    await exitStatus
    expect(child.signalCode).toBe('SIGKILL')
  })
})
