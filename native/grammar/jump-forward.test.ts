import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TokenGrammar } from '../../main/shared/inference/grammar.ts'
import { ModelId } from '../../main/shared/ids.ts'
import { RankGroup } from '../__fixtures__/rank-group.ts'
import { type GenerationRun, openTiny, runGeneration } from '../__fixtures__/run-generation.ts'
import { makeTinyModel, type TinyModel } from '../__fixtures__/tiny-model.ts'
import { END_TOKEN, tinyText, tinyVocabulary } from '../__fixtures__/tiny-vocabulary.ts'
import type { Shard } from '../index.ts'

const KEYS = ['name_of_the_customer', 'a_number_within_limits', 'whether_it_is_open']
const SCHEMA = {
  type: 'object',
  properties: {
    [KEYS[0]!]: { type: 'string', maxLength: 5 },
    [KEYS[1]!]: { type: 'integer', minimum: 3, maximum: 40 },
    [KEYS[2]!]: { type: 'boolean' },
  },
  required: KEYS,
  additionalProperties: false,
}
const ofSchema: TokenGrammar = { kind: 'json-schema', text: JSON.stringify(SCHEMA), endTokenIds: [END_TOKEN] }
const prompt = [1, 2, 3]
const request = (seed: number, temperature = 1.5) => ({
  promptTokenIds: prompt,
  sampling: { temperature, seed: String(seed) },
  maxTokens: 400,
  stopTokenIds: [END_TOKEN],
  grammar: ofSchema,
  topLogprobs: 1,
})
const drawnOf = ({ events }: GenerationRun) => events.flatMap((event) => (event.type === 'token-delta' ? [event.token] : []))
const answerOf = (run: GenerationRun): string => tinyText(run.tokenIds.filter((tokenId) => tokenId !== END_TOKEN))

/** Token by token, each in a request of its own: nothing can be skipped. */
async function stepwise(shard: Shard, run: GenerationRun, seed: number, temperature: number): Promise<ReturnType<typeof drawnOf>> {
  const drawn: ReturnType<typeof drawnOf> = []
  for (const done of run.tokenIds.keys()) {
    const promptTokenIds = [...prompt, ...run.tokenIds.slice(0, done)]
    const one = await runGeneration(shard, { ...request(seed, temperature), promptTokenIds, resumedTokens: done, maxTokens: 1 })
    drawn.push(...drawnOf(one))
  }
  return drawn
}

describe('text that a grammar forces', { timeout: 120_000 }, () => {
  let model: TinyModel
  let shards: Record<'kernels' | 'arrays', Shard>

  beforeAll(async () => {
    model = makeTinyModel()
    shards = { kernels: await openTiny(model), arrays: await openTiny(model, {}, { useArrays: true }) }
    for (const shard of Object.values(shards)) shard.setVocabulary(tinyVocabulary())
  })
  afterAll(async () => {
    await Promise.all(Object.values(shards).map((shard) => shard.close()))
    model.remove()
  })

  it.each([
    ['kernels', 0],
    ['kernels', 1.5],
    ['arrays', 1.5],
  ] as const)('takes fewer steps than it has tokens, which are the same with their logprobs: %s, temperature %s', async (name, heat) => {
    const shard = shards[name]
    const before = shard.stats()
    const run = await runGeneration(shard, request(4, heat))
    const after = shard.stats()
    const [steps, jumped] = [after.steps - before.steps, after.jumpedTokens - before.jumpedTokens]
    expect(run.last).toMatchObject({ type: 'generation-end', finishReason: 'stop' })
    expect(Object.keys(JSON.parse(answerOf(run)) as object)).toEqual(KEYS)
    process.stdout.write(`figure: jump-forward ${name}: ${run.tokenIds.length} tokens in ${steps} steps, ${jumped} of them forced\n`)
    expect(jumped).toBeGreaterThan(30)
    expect(steps + jumped).toBeLessThanOrEqual(run.tokenIds.length + 2)
    const plain = await stepwise(shard, run, 4, heat)
    expect(plain.map(({ tokenId }) => tokenId)).toEqual(run.tokenIds)
    drawnOf(run).forEach(({ logprob }, index) => expect(logprob).toBeCloseTo(plain[index]?.logprob ?? Number.NaN, 3))
  })

  it('stays the same beside free answers, which stay the same too', async () => {
    const free = { sampling: { temperature: 1.5, seed: '99' }, maxTokens: 60 }
    const [alone, aloneForced] = [await runGeneration(shards.kernels, free), await runGeneration(shards.kernels, request(5))]
    const [beside, forced] = await Promise.all([
      runGeneration(shards.kernels, free),
      ...[5, 6, 7, 8].map((seed) => runGeneration(shards.kernels, request(seed))),
    ])
    expect(beside.tokenIds).toEqual(alone.tokenIds)
    expect(forced?.tokenIds).toEqual(aloneForced.tokenIds)
  })

  it('skips little in a full batch, whose steps have all the rows that are cheap', async () => {
    const jumpedBy = async (atOnce: number): Promise<number> => {
      const before = shards.kernels.stats().jumpedTokens
      const seeds = Array.from({ length: 8 }, (_, index) => 20 + index)
      for (let first = 0; first < seeds.length; first += atOnce) {
        const together = seeds.slice(first, first + atOnce)
        await Promise.all(together.map((seed) => runGeneration(shards.kernels, { ...request(seed), maxTokens: 30 })))
      }
      return shards.kernels.stats().jumpedTokens - before
    }
    const [alone, together] = [await jumpedBy(1), await jumpedBy(8)]
    expect(alone).toBeGreaterThan(80)
    expect(together).toBeLessThan(alone / 4)
  })

  it.each(['pipeline', 'tensor'] as const)('takes fewer steps on two ranks too: %s', async (strategy) => {
    const alone = await runGeneration(shards.kernels, request(4))
    const group = await RankGroup.open({ modelDir: model.dir, layers: model.layers, strategy, ranks: 2, useArrays: false })
    try {
      group.setVocabulary(tinyVocabulary())
      const run = await runGeneration(group, request(4))
      expect(run.tokenIds).toEqual(alone.tokenIds)
      const { steps, jumpedTokens } = await group.stats(0)
      expect(jumpedTokens).toBeGreaterThan(30)
      expect(steps + jumpedTokens).toBeLessThanOrEqual(run.tokenIds.length + 2)
    } finally {
      await group.close()
    }
  })

  it('ends at the limit of tokens', async () => {
    const whole = await runGeneration(shards.kernels, request(4))
    for (const maxTokens of [3, 4, 9, 10, 11, 25]) {
      const run = await runGeneration(shards.kernels, { ...request(4), maxTokens })
      expect(run.tokenIds).toEqual(whole.tokenIds.slice(0, maxTokens))
      expect(run.last).toMatchObject({ finishReason: 'length' })
    }
  })

  it('is no proposal of a draft, whose figures stay its own', async () => {
    const plain = await runGeneration(shards.kernels, request(7))
    const drafted = await openTiny(model)
    drafted.setVocabulary(tinyVocabulary())
    await drafted.loadDraft(model.dir, model.dir)
    const run = await runGeneration(drafted, { ...request(7), draft: { modelId: ModelId.parse(model.dir), modelDir: model.dir } })
    const { jumpedTokens } = drafted.stats()
    await drafted.close()
    expect(run.tokenIds).toEqual(plain.tokenIds)
    expect(jumpedTokens).toBeGreaterThan(30)
    const { draft } = run.last.type === 'generation-end' ? run.last.timings : {}
    expect(draft!.proposedTokens + jumpedTokens).toBeLessThan(run.tokenIds.length)
  })
})
