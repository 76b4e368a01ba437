import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GenerationTimings } from '../main/shared/inference/generation.ts'
import { ModelId } from '../main/shared/ids.ts'
import { RankGroup } from './__fixtures__/rank-group.ts'
import { type GenerationRun, openTiny, runGeneration } from './__fixtures__/run-generation.ts'
import { makeTinyModel, type TinyModel } from './__fixtures__/tiny-model.ts'
import type { Shard } from './index.ts'

const SAMPLINGS = [
  { temperature: 0 },
  { temperature: 0.8, seed: '11' },
  { temperature: 1.2, topP: 0.9, topK: 40, repetitionPenalty: 1.2, presencePenalty: 0.5, frequencyPenalty: 0.3, seed: '12' },
]

/** What a step of the tiny draft computes with. */
const STEP_BYTES = 1 << 20

/** One prompt is longer than the draft's cache can catch up in one step. */
const inputs = SAMPLINGS.map((sampling, index) => ({
  promptTokenIds: Array.from({ length: [5, 70, 700][index] ?? 5 }, (_, position) => (position * 17 + index) % 200),
  sampling,
  maxTokens: 60,
  topLogprobs: 2,
}))

const timingsOf = ({ last }: GenerationRun): GenerationTimings => {
  if (last.type !== 'generation-end') throw new Error(JSON.stringify(last))
  return last.timings
}

const tokensOf = ({ events }: GenerationRun): unknown[] =>
  events.flatMap((event) => (event.type === 'token-delta' ? [event.token.tokenId] : []))

describe('a draft', { timeout: 120_000 }, () => {
  let model: TinyModel
  let shallow: TinyModel
  let expected: GenerationRun[]

  beforeAll(async () => {
    model = makeTinyModel()
    shallow = makeTinyModel({ config: { num_hidden_layers: 2 } })
    const shard = await openTiny(model, { contextTokens: 1024 })
    expected = await Promise.all(inputs.map((input) => runGeneration(shard, input)))
    await shard.close()
  })
  afterAll(() => {
    model.remove()
    shallow.remove()
  })

  const draftOf = ({ dir }: TinyModel): { modelId: ModelId; modelDir: string } => ({ modelId: ModelId.parse(dir), modelDir: dir })

  async function withDraft(shard: Shard, draft: TinyModel): Promise<GenerationRun[]> {
    await shard.loadDraft(draft.dir, draft.dir)
    return Promise.all(inputs.map((input) => runGeneration(shard, { ...input, draft: draftOf(draft) })))
  }

  it.each([false, true])('changes no token, whatever it proposes, and says how much was right (MLX operations: %s)', async (useArrays) => {
    const shard = await openTiny(model, { contextTokens: 1024 }, { useArrays })
    const plain = useArrays ? await Promise.all(inputs.map((input) => runGeneration(shard, input))) : expected
    for (const draft of [model, shallow]) {
      const runs = await withDraft(shard, draft)
      expect(runs.map(tokensOf)).toEqual(plain.map(tokensOf))
      for (const run of runs) expect(timingsOf(run).draft?.proposedTokens).toBeGreaterThan(0)
    }
    await shard.close()
  })

  it('is right nearly always where it is the model itself, and not where it is another', async () => {
    const shard = await openTiny(model, { contextTokens: 1024 })
    const ratio = (runs: GenerationRun[]): number => {
      const drafts = runs.map((run) => timingsOf(run).draft ?? { proposedTokens: 0, acceptedTokens: 0 })
      return drafts.reduce((sum, draft) => sum + draft.acceptedTokens, 0) / drafts.reduce((sum, draft) => sum + draft.proposedTokens, 0)
    }
    const [itself, other] = [ratio(await withDraft(shard, model)), ratio(await withDraft(shard, shallow))]
    process.stdout.write(
      `figure: accepted of a draft that is the model itself ${itself.toFixed(3)}, of one with half its layers ${other.toFixed(3)}\n`,
    )
    expect(itself).toBeGreaterThan(0.9)
    expect(other).toBeLessThan(0.9)
    await shard.close()
  })

  it('F8: is refused where its weights and caches are more than is left for it, and the model goes on alone', async () => {
    const limits = { contextTokens: 1024, prefixCacheBytes: 1, cacheBytes: 1 }
    for (const draftBytes of [0, 1000]) {
      const shard = await openTiny(model, { ...limits, draftBytes })
      await expect(shard.loadDraft(shallow.dir, shallow.dir)).rejects.toMatchObject({
        code: 'draft-failed',
        message: expect.stringContaining('--max-memory'),
      })
      expect(tokensOf(await runGeneration(shard, inputs[0]))).toEqual(tokensOf(expected[0]!))
      await shard.close()
    }
  })

  it('F8: takes no more than what it was let in with, however many sequences come', async () => {
    const limits = { contextTokens: 512, prefixCacheBytes: 1, cacheBytes: 1 }
    const prompts = Array.from({ length: 6 }, (_, index) => ({
      promptTokenIds: Array.from({ length: 100 + index * 40 }, (__, at) => (at * 7 + index * 13) % 200),
      sampling: { temperature: 0 },
      maxTokens: 40,
    }))
    /** @returns null where the draft is refused */
    const peakOf = async (draftBytes: number | null): Promise<number | null> => {
      const shard = await openTiny(model, { ...limits, draftBytes })
      try {
        if (draftBytes !== null) await shard.loadDraft(shallow.dir, shallow.dir)
        const draft = draftBytes === null ? {} : { draft: draftOf(shallow) }
        for (let round = 0; round < 2; round++) await Promise.all(prompts.map((input) => runGeneration(shard, { ...input, ...draft })))
        return shard.stats().peakBytes
      } catch (error) {
        if ((error as { code?: string }).code === 'draft-failed') return null
        throw error
      } finally {
        await shard.close()
      }
    }
    const plain = (await peakOf(null))!
    let draftBytes = 1 << 14
    let peak = await peakOf(draftBytes)
    for (; peak === null; peak = await peakOf(draftBytes)) draftBytes = Math.floor(draftBytes * 1.5)
    process.stdout.write(`figure: a draft let in with ${draftBytes} bytes took ${peak - plain}\n`)
    expect(peak - plain).toBeLessThanOrEqual(draftBytes + STEP_BYTES)
  })

  it.each(['pipeline', 'tensor'] as const)('changes no token of two ranks in %s', async (strategy) => {
    const group = await RankGroup.open({ modelDir: model.dir, layers: model.layers, strategy, ranks: 2, useArrays: false })
    for (const draft of [model, shallow]) {
      const runs = await Promise.all(inputs.map((input) => runGeneration(group, { ...input, draft: draftOf(draft) })))
      expect(runs.map(tokensOf)).toEqual(expected.map(tokensOf))
      for (const run of runs) expect(timingsOf(run).draft?.proposedTokens).toBeGreaterThan(0)
    }
    await group.close()
  })

  it('serves those that ask for it beside those that do not, ends at stop tokens and limits', async () => {
    const shard = await openTiny(model, { contextTokens: 1024 })
    await shard.loadDraft(model.dir, model.dir)
    const mixed = await Promise.all(
      inputs.flatMap((input) => [runGeneration(shard, input), runGeneration(shard, { ...input, draft: draftOf(model) })]),
    )
    expect(mixed.map(tokensOf)).toEqual(expected.flatMap((run) => [tokensOf(run), tokensOf(run)]))
    expect(timingsOf(mixed[0]!).draft).toBeUndefined()

    const stop = expected[1]?.tokenIds[30] ?? 0
    const first = expected[1]?.tokenIds.indexOf(stop) ?? 0
    const stopped = await runGeneration(shard, { ...inputs[1]!, stopTokenIds: [stop], draft: draftOf(model) })
    expect([stopped.tokenIds, stopped.last]).toMatchObject([expected[1]?.tokenIds.slice(0, first + 1), { finishReason: 'stop' }])
    const short = await runGeneration(shard, { ...inputs[1]!, maxTokens: 7, draft: draftOf(model) })
    expect(short.tokenIds).toEqual(expected[1]?.tokenIds.slice(0, 7))

    await shard.close()
  })

  it('gives way to another in the middle of an answer, which stays the same', async () => {
    const shard = await openTiny(model, { contextTokens: 1024 })
    for (let time = 0; time < 10; time++) {
      await shard.loadDraft(model.dir, model.dir)
      const changes: Promise<void>[] = []
      const run = await runGeneration(shard, { ...inputs[1]!, draft: draftOf(model) }, (event) => {
        if (event.type === 'token-delta' && changes.length === 0) changes.push(shard.loadDraft(shallow.dir, shallow.dir))
      })
      expect(run.tokenIds).toEqual(expected[1]?.tokenIds)
      await Promise.all(changes)
    }
    await shard.close()
  })

  it('that cannot be loaded is refused, and the shard goes on', async () => {
    const shard = await openTiny(model, { contextTokens: 1024 })
    await expect(shard.loadDraft('none', '/no/such/folder')).rejects.toMatchObject({ code: 'draft-failed' })
    const spoilt = makeTinyModel({ bytes: (file) => file.subarray(0, file.length / 2) })
    await expect(shard.loadDraft('spoilt', spoilt.dir)).rejects.toMatchObject({ code: 'draft-failed' })
    spoilt.remove()
    expect((await runGeneration(shard, { ...inputs[0]!, draft: draftOf(model) })).tokenIds).toEqual(expected[0]?.tokenIds)
    await shard.close()
  })
})
