import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GenerationEvent } from '../main/shared/inference/generation.ts'
import type { GenerationId } from '../main/shared/ids.ts'
import { openTiny, runGeneration } from './__fixtures__/run-generation.ts'
import { makeTinyModel, type TinyModel } from './__fixtures__/tiny-model.ts'
import type { Shard } from './index.ts'

describe('a shard', () => {
  let model: TinyModel
  let shard: Shard

  beforeAll(async () => {
    model = makeTinyModel()
    shard = await openTiny(model, { maxBatch: 4, maxWaiting: 4, prefillChunkTokens: 16 })
  })
  afterAll(async () => {
    await shard.close()
    model.remove()
  })

  const prompt = (length: number, salt = 0) => Array.from({ length }, (_, index) => (index * 31 + salt * 7 + 5) % model.vocabSize)
  const seeded = (seed: string) => ({ temperature: 0.9, seed })

  it('tells what it loaded', () => {
    expect(shard.info).toMatchObject({ modelType: 'llama', layers: 4, vocabSize: 200, device: 'cpu' })
    expect(shard.info.residentBytes).toBeGreaterThanOrEqual(shard.info.weightBytes)
  })

  it('reports progress, then tokens, then one end', async () => {
    const { events, tokenIds } = await runGeneration(shard, { promptTokenIds: prompt(40), maxTokens: 3 })
    expect(events.map((event) => event.type)).toEqual([
      'prefill-progress',
      'prefill-progress',
      'prefill-progress',
      'token-delta',
      'token-delta',
      'token-delta',
      'generation-end',
    ])
    expect(events[1]).toMatchObject({ doneTokens: 32, totalTokens: 40 })
    expect(tokenIds).toHaveLength(3)
  })

  it('draws the same tokens for the same seed, others for another', async () => {
    const runs = await Promise.all(['5', '5', '6'].map((seed) => runGeneration(shard, { sampling: seeded(seed), maxTokens: 30 })))
    expect(runs[1]?.tokenIds).toEqual(runs[0]?.tokenIds)
    expect(runs[2]?.tokenIds).not.toEqual(runs[0]?.tokenIds)
  })

  it('draws the same tokens alone and in any company', async () => {
    const alone: GenerationEvent[][] = []
    for (let index = 0; index < 6; index++) {
      alone.push(
        (
          await runGeneration(shard, {
            promptTokenIds: prompt(1 + index * 13, index),
            sampling: seeded(String(index)),
            maxTokens: 25,
            topLogprobs: 2,
          })
        ).events,
      )
    }
    const together = await Promise.all(
      alone.map((_, index) =>
        runGeneration(shard, {
          promptTokenIds: prompt(1 + index * 13, index),
          sampling: seeded(String(index)),
          maxTokens: 25,
          topLogprobs: 2,
        }),
      ),
    )
    const tokens = (events: (typeof alone)[number]) => events.flatMap((event) => (event.type === 'token-delta' ? [event.token] : []))
    expect(together.map((run) => tokens(run.events))).toEqual(alone.map(tokens))
  })

  it('goes on with the same tokens when a generation is resumed elsewhere', async () => {
    const sampling = { ...seeded('77'), presencePenalty: 0.7, frequencyPenalty: 0.3, repetitionPenalty: 1.1 }
    const whole = await runGeneration(shard, { promptTokenIds: prompt(9), sampling, maxTokens: 30 })
    for (const kept of [1, 11, 29]) {
      const rest = await runGeneration(shard, {
        promptTokenIds: [...prompt(9), ...whole.tokenIds.slice(0, kept)],
        resumedTokens: kept,
        sampling,
        maxTokens: 30 - kept,
      })
      expect(rest.tokenIds).toEqual(whole.tokenIds.slice(kept))
    }
  })

  it('ends at a stop token, which it delivers, and at the limit otherwise', async () => {
    const free = await runGeneration(shard, { maxTokens: 12 })
    expect(free.last).toMatchObject({ finishReason: 'length' })
    const stop = free.tokenIds[5] as number
    const stopped = await runGeneration(shard, { maxTokens: 12, stopTokenIds: [stop] })
    expect(stopped.last).toMatchObject({ finishReason: 'stop' })
    expect(stopped.tokenIds).toEqual(free.tokenIds.slice(0, free.tokenIds.indexOf(stop) + 1))
  })

  it('draws no token that must not be: only those allowed, no banned sequence, no stop token too early', async () => {
    const sampling = { seed: '3', temperature: 0 }
    const free = await runGeneration(shard, { maxTokens: 12, sampling })
    const [first, second] = free.tokenIds as [number, number]
    const allowed = await runGeneration(shard, { maxTokens: 12, sampling: { ...sampling, allowedTokenIds: [7, 11] } })
    expect(allowed.tokenIds.every((tokenId) => [7, 11].includes(tokenId))).toBe(true)
    const banned = await runGeneration(shard, { maxTokens: 12, sampling: { ...sampling, bannedSequences: [[first, second]] } })
    expect([banned.tokenIds[0], banned.tokenIds[1] === second]).toEqual([first, false])
    const late = await runGeneration(shard, { maxTokens: 12, stopTokenIds: [first], sampling: { ...sampling, minTokens: 4 } })
    expect(late.tokenIds.slice(0, 4)).not.toContain(first)
  })

  it('gives logprobs that fit together: chosen, likeliest, and of the prompt', async () => {
    const answer = await runGeneration(shard, { promptTokenIds: prompt(20), maxTokens: 5, topLogprobs: 3 })
    const tokens = answer.events.flatMap((event) => (event.type === 'token-delta' ? [event.token] : []))
    for (const token of tokens) {
      expect(token.topLogprobs).toHaveLength(3)
      expect(token.topLogprobs[0]).toEqual({ tokenId: token.tokenId, logprob: token.logprob })
    }
    const echo = await runGeneration(shard, {
      promptTokenIds: [...prompt(20), ...answer.tokenIds],
      maxTokens: 0,
      promptLogprobs: true,
      topLogprobs: 3,
    })
    const scored = echo.events.flatMap((event) => (event.type === 'prompt-logprobs' ? event.tokens : []))
    expect(scored).toHaveLength(25)
    expect(scored[0]).toEqual({ tokenId: 5, logprob: null, topLogprobs: [] })
    expect(scored.slice(20)).toEqual(tokens)
    expect(echo.last).toMatchObject({ type: 'generation-end', finishReason: 'length' })
  })

  it('runs MLX operations to the same tokens as the CPU kernels', async () => {
    const arrays = await openTiny(model, { prefillChunkTokens: 16 }, { useArrays: true })
    for (const length of [1, 17, 60]) {
      const expected = await runGeneration(shard, { promptTokenIds: prompt(length), maxTokens: 20 })
      expect((await runGeneration(arrays, { promptTokenIds: prompt(length), maxTokens: 20 })).tokenIds).toEqual(expected.tokenIds)
    }
    await arrays.close()
  })

  it('ends a cancelled generation within a step, whether it runs or waits, and goes on with the rest', async () => {
    const running = Array.from({ length: 4 }, (_, index) => {
      const id = `cancel-${index}` as GenerationId
      return runGeneration(shard, { id, maxTokens: 400 }, (event) => {
        if (event.type === 'token-delta' && index > 0) shard.cancel(id)
      })
    })
    const waiting = runGeneration(shard, { id: 'cancel-waiting', maxTokens: 400 })
    shard.cancel('cancel-waiting' as GenerationId)
    expect((await waiting).last).toMatchObject({ finishReason: 'cancelled' })
    for (const run of await Promise.all(running.slice(1))) {
      expect(run.last).toMatchObject({ finishReason: 'cancelled' })
      expect(run.tokenIds.length).toBeLessThan(400)
    }
    expect((await running[0])?.tokenIds).toHaveLength(400)
  })

  it('refuses one bad request without harm to the others', async () => {
    const good = runGeneration(shard, { maxTokens: 50 })
    const tooLong = await runGeneration(shard, { promptTokenIds: prompt(513) })
    expect(tooLong.last).toMatchObject({ type: 'generation-error', code: 'context-exceeded' })
    const unknownToken = await runGeneration(shard, { promptTokenIds: [200] })
    expect(unknownToken.last).toMatchObject({ type: 'generation-error', code: 'invalid-token' })
    expect((await good).tokenIds).toHaveLength(50)
  })

  it('refuses what its queue cannot take', async () => {
    const runs = await Promise.all(Array.from({ length: 12 }, () => runGeneration(shard, { maxTokens: 400 })))
    const busy = runs.filter((run) => run.last.type === 'generation-error')
    expect(busy.map((run) => run.last)).toEqual(busy.map(() => expect.objectContaining({ code: 'engine-busy' }) as unknown))
    expect(busy).toHaveLength(4)
  })

  it('stops where the context is full', async () => {
    const run = await runGeneration(shard, { promptTokenIds: prompt(500), maxTokens: 100 })
    expect(run.tokenIds).toHaveLength(12)
    expect(run.last).toMatchObject({ finishReason: 'length' })
  })

  it('gives its caches back when it is idle', async () => {
    await runGeneration(shard, { promptTokenIds: prompt(200), maxTokens: 20 })
    await expect.poll(() => shard.stats()).toMatchObject({ running: 0, waiting: 0, kvBytes: 0 })
    expect(shard.stats().steps).toBeGreaterThan(0)
  })
})

describe('the log of steps', () => {
  it('has when each step ran, in order, and what it brought', async () => {
    const model = makeTinyModel()
    const shard = await openTiny(model, { prefillChunkTokens: 16 })
    const before = shard.steps().nowMs
    await runGeneration(shard, { promptTokenIds: Array.from({ length: 40 }, (_, index) => index), maxTokens: 5 })
    // A step's tokens are sent before the step is recorded.
    await expect
      .poll(() => shard.steps().steps.map(({ prefilledTokens, decodedTokens }) => [prefilledTokens, decodedTokens]))
      .toEqual([
        [16, 0],
        [16, 0],
        [8, 0],
        [0, 1],
        [0, 1],
        [0, 1],
        [0, 1],
      ])
    const { nowMs, steps } = shard.steps()
    const times = steps.flatMap(({ beginMs, endMs }) => [beginMs, endMs])
    expect(times).toEqual([...times].sort((a, b) => a - b))
    expect([times[0]! >= before, times.at(-1)! <= nowMs]).toEqual([true, true])
    for (let run = 0; run < 10; run++) await runGeneration(shard, { maxTokens: 440 })
    expect(shard.steps().steps).toHaveLength(4096)
    await shard.close()
    expect(shard.steps().steps).toEqual([])
    model.remove()
  })
})

describe('closing', () => {
  it('ends what runs with an error, frees everything, and can be done twice', async () => {
    const model = makeTinyModel()
    const shard = await openTiny(model)
    const run = runGeneration(shard, { maxTokens: 400 })
    await Promise.all([shard.close(), shard.close()])
    expect((await run).last).toMatchObject({ type: 'generation-error', code: 'shard-closed' })
    await expect(runGeneration(shard)).rejects.toMatchObject({ code: 'shard-closed' })
    model.remove()
  })

  it('waits for the step that runs, whenever it comes', async () => {
    const model = makeTinyModel()
    for (let round = 0; round < 60; round++) {
      const shard = await openTiny(model)
      let tokensLeft = round % 10
      const run = runGeneration(shard, { maxTokens: 400 }, (event) => {
        if (event.type === 'token-delta' && tokensLeft-- === 0) void shard.close()
      })
      expect((await run).last).toMatchObject({ type: 'generation-error', code: 'shard-closed' })
      await shard.close()
    }
    model.remove()
  })

  it('leaves no shard behind: open and close twenty times', async () => {
    const model = makeTinyModel()
    for (let round = 0; round < 20; round++) {
      const shard = await openTiny(model)
      expect((await runGeneration(shard, { maxTokens: 2 })).tokenIds).toHaveLength(2)
      await shard.close()
    }
    model.remove()
  })
})
