import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ModelId } from '../../main/shared/ids.ts'
import type { TokenGrammar } from '../../main/shared/inference/grammar.ts'
import { type GenerationRun, openTiny, runGeneration } from '../__fixtures__/run-generation.ts'
import { makeTinyModel, type TinyModel } from '../__fixtures__/tiny-model.ts'
import { END_TOKEN, tinyText, tinyVocabulary } from '../__fixtures__/tiny-vocabulary.ts'
import type { Shard } from '../index.ts'

const SCHEMA = {
  type: 'object',
  properties: {
    name: { type: 'string', maxLength: 5 },
    age: { type: 'integer', minimum: 3, maximum: 40 },
    tags: { type: 'array', items: { enum: ['a', 'b', 'é'] }, minItems: 1, maxItems: 3 },
    open: { type: 'boolean' },
  },
  required: ['name', 'age', 'tags', 'open'],
  additionalProperties: false,
}
const grammar = (kind: TokenGrammar['kind'], text: string): TokenGrammar => ({ kind, text, endTokenIds: [END_TOKEN] })
const ofSchema = (schema: unknown): TokenGrammar => grammar('json-schema', JSON.stringify(schema))
const wild = (seed: number) => ({ temperature: 1.5, seed: String(seed) })
const request = (seed: number, of = ofSchema(SCHEMA)) => ({
  sampling: wild(seed),
  maxTokens: 300,
  stopTokenIds: [END_TOKEN],
  grammar: of,
})
const finishOf = ({ last }: GenerationRun): string => (last.type === 'generation-end' ? last.finishReason : JSON.stringify(last))
const answerOf = (run: GenerationRun): string => tinyText(run.tokenIds.filter((tokenId) => tokenId !== END_TOKEN))

describe('a grammar', { timeout: 120_000 }, () => {
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

  it.each(['kernels', 'arrays'] as const)('holds for every answer of %s, beside free ones that stay the same', async (name) => {
    const shard = shards[name]
    const free = { sampling: wild(99), maxTokens: 40 }
    const alone = await runGeneration(shard, free)
    const [beside, ...runs] = await Promise.all([
      runGeneration(shard, free),
      ...Array.from({ length: 6 }, (_, seed) => runGeneration(shard, request(seed))),
    ])
    expect(beside.tokenIds).toEqual(alone.tokenIds)
    for (const run of runs) {
      expect([finishOf(run), run.tokenIds.at(-1)]).toEqual(['stop', END_TOKEN])
      const { name: text, age, tags, open } = JSON.parse(answerOf(run)) as { name: string; age: number; tags: string[]; open: boolean }
      expect([[...text].length <= 5, age >= 3 && age <= 40, typeof open]).toEqual([true, true, 'boolean'])
      expect(tags).toSatisfy((list: string[]) => list.length >= 1 && list.length <= 3 && list.every((tag) => ['a', 'b', 'é'].includes(tag)))
    }
    expect(new Set(runs.map(answerOf)).size).toBe(runs.length)
  })

  it.each([
    ['ebnf', 'root ::= ("yes" | "no") ("!" | "?"){2,3}', /^(yes|no)[!?]{2,3}$/],
    [
      'ebnf',
      'root ::= term-list # the sum\nterm-list ::= term (ws "+" ws term)*\nterm ::= [0-9]+ | "(" ws term-list ws ")"\nws ::= " "?\n',
      /^[\d+() ]+$/,
    ],
    [
      'structural-tag',
      JSON.stringify({
        type: 'structural_tag',
        format: {
          type: 'grammar',
          syntax: 'lark',
          grammar: 'start: greeting ("," WORD)~1..2 end?\ngreeting: "hi" | "ho"\nend: /[!?]{2}/\nWORD: /[a-c]{1,3}/\n',
        },
      }),
      /^h[io](,[a-c]{1,3}){1,2}([!?]{2})?$/,
    ],
    ['regex', 'x(ab{1,3}){0,1}Z', /^x(ab{1,3})?Z$/],
    ['regex', '[a-c]{3}-\\d+x', /^[a-c]{3}-\d+x$/],
    [
      'structural-tag',
      JSON.stringify({
        type: 'structural_tag',
        format: {
          type: 'sequence',
          elements: [
            { type: 'tag', begin: '<t>', content: { type: 'regex', pattern: '[a-z]{0,9}' }, end: '</t>' },
            { type: 'json_schema', json_schema: { type: 'integer', minimum: 10, maximum: 99 } },
          ],
        },
      }),
      /^<t>[a-z]{0,9}<\/t>\d\d$/,
    ],
  ] as const)('is also written as %s', async (kind, text, pattern) => {
    for (const seed of [1, 2, 3]) expect(answerOf(await runGeneration(shards.kernels, request(seed, grammar(kind, text))))).toMatch(pattern)
  })

  it('continues the same text where an answer is resumed', async () => {
    const prompt = [1, 2, 3]
    const whole = await runGeneration(shards.kernels, { ...request(5), promptTokenIds: prompt })
    for (const done of [1, 7, whole.tokenIds.length - 1]) {
      const rest = await runGeneration(shards.kernels, {
        ...request(5),
        promptTokenIds: [...prompt, ...whole.tokenIds.slice(0, done)],
        resumedTokens: done,
      })
      expect(rest.tokenIds).toEqual(whole.tokenIds.slice(done))
    }
  })

  it('holds for what a draft proposes, and gives the same text', async () => {
    const plain = await runGeneration(shards.kernels, request(7))
    const drafted = await openTiny(model)
    drafted.setVocabulary(tinyVocabulary())
    await drafted.loadDraft(model.dir, model.dir)
    const run = await runGeneration(drafted, { ...request(7), draft: { modelId: ModelId.parse(model.dir), modelDir: model.dir } })
    await drafted.close()
    expect(run.tokenIds).toEqual(plain.tokenIds)
    expect(run.last).toMatchObject({ timings: { draft: { acceptedTokens: expect.any(Number) } } })
  })

  it('ends with length where the limit cuts it', async () => {
    const run = await runGeneration(shards.kernels, { ...request(1), maxTokens: 6 })
    expect([finishOf(run), run.tokenIds.length]).toEqual(['length', 6])
  })

  it('applies to the answer with logprobs, penalties and filters too', async () => {
    const sampling = { ...wild(3), topP: 0.9, topK: 20, minP: 0.01, repetitionPenalty: 1.3, presencePenalty: 0.5, frequencyPenalty: 0.5 }
    const run = await runGeneration(shards.arrays, { ...request(3), sampling, topLogprobs: 2 })
    expect(() => JSON.parse(answerOf(run))).not.toThrow()
  })

  it.each([
    ['a regular expression that is none', grammar('regex', '(')],
    ['an EBNF without a root', grammar('ebnf', 'start ::= "a"')],
    ['a schema that is none', grammar('json-schema', '{"type": 5}')],
    ['text that is no JSON', grammar('json-schema', '{')],
    ['an end beyond the vocabulary', { ...ofSchema(SCHEMA), endTokenIds: [100_000] }],
    ['an answer that no token continues', grammar('ebnf', 'root ::= "\\u4e16"')],
  ])('is refused, alone: %s', async (_, wrong) => {
    const [refused, other] = await Promise.all([
      runGeneration(shards.kernels, request(1, wrong)),
      runGeneration(shards.kernels, request(2)),
    ])
    expect(refused.last).toMatchObject({ type: 'generation-error', code: 'grammar-unsupported' })
    expect(finishOf(other)).toBe('stop')
  })

  it.each([
    ['recursion at the left of a long sequence', `root ::= ${'a '.repeat(20_000)}\na ::= root | "x"`],
    ['a long sequence of what may be missing', `root ::= ${'a '.repeat(20_000)}\na ::= "x" | ""`],
    ['recursion in what may be missing, later', `root ::= "x" rest\nrest ::= ${'a '.repeat(20_000)}\na ::= rest | "x" | ""`],
    ['a long text without a choice', `root ::= "${'x'.repeat(50_000)}"`],
  ])('holds no other answer up for long where it is made to be slow: %s', { timeout: 60_000 }, async (_, text) => {
    const slow = { ...request(1, grammar('ebnf', text)), maxTokens: 20 }
    const [bomb, other] = await Promise.all([runGeneration(shards.kernels, slow), runGeneration(shards.kernels, request(2))])
    if (bomb.last.type === 'generation-error') expect(bomb.last.code).toBe('grammar-unsupported')
    else expect(['stop', 'length']).toContain(finishOf(bomb))
    expect(finishOf(other)).toBe('stop')
  })

  it('is refused while the vocabulary is unknown', async () => {
    const bare = await openTiny(model)
    expect((await runGeneration(bare, request(1))).last).toMatchObject({ type: 'generation-error', code: 'grammar-unsupported' })
    expect(() => bare.setVocabulary({ bytes: 'AAAA', ends: 'AQAAAA==' })).toThrow(expect.objectContaining({ code: 'model-damaged' }))
    await bare.close()
  })
})
