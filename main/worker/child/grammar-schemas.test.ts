import { readFileSync } from 'node:fs'
import Ajv from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readApiSchemas } from '../../domain/generation/form/__fixtures__/api-schemas.ts'
import { isCertain } from '../../domain/generation/form/certain-schema.ts'
import { enforceableSchema } from '../../domain/generation/form/enforceable-schema.ts'
import { openTiny, runGeneration } from '../../../native/__fixtures__/run-generation.ts'
import { makeTinyModel, type TinyModel } from '../../../native/__fixtures__/tiny-model.ts'
import { END_TOKEN, tinyText, tinyVocabulary } from '../../../native/__fixtures__/tiny-vocabulary.ts'
import type { Shard } from '../../../native/index.ts'

type Schema = Record<string, unknown>

/** Answers per schema; more with `EXO_SCHEMA_ANSWERS`. */
const ANSWERS = Number(process.env['EXO_SCHEMA_ANSWERS'] ?? 2)

/** All schemas of public APIs with `EXO_SCHEMAS=all`; otherwise every twelfth. */
const SHARE = process.env['EXO_SCHEMAS'] === 'all' ? 1 : 12

const fixture = (file: string): string =>
  readFileSync(new URL(`../../domain/generation/form/__fixtures__/${file}`, import.meta.url), 'utf8')
const written = ['tool-schemas.json', 'answer-schemas.json', 'unusual-schemas.json'].flatMap((file) =>
  Object.entries(JSON.parse(fixture(file)) as Record<string, Schema>),
)
const ofApis = readApiSchemas(fixture('api-schemas.txt')).filter((_, index) => index % SHARE === 0)
const schemas: [string, Schema][] = [...written, ...ofApis]
const ajv = new Ajv.default({ strict: false, logger: false, multipleOfPrecision: 9 })
addFormats.default(ajv)

/** Schemas that no grammar holds exactly are also checked afterwards. */
function isFitting(validate: (value: unknown) => boolean, answer: string): boolean {
  try {
    return validate(JSON.parse(answer))
  } catch {
    return false // a line break in a text
  }
}

describe('answers of a random model to schemas that people send', { timeout: 120_000 }, () => {
  let model: TinyModel
  let shard: Shard
  const counts = { fitting: 0, cut: 0, checkedAfterwards: 0 }

  beforeAll(async () => {
    model = makeTinyModel()
    shard = await openTiny(model, { contextTokens: 4096 })
    shard.setVocabulary(tinyVocabulary())
  })
  afterAll(async () => {
    await shard.close()
    model.remove()
    process.stdout.write(
      `figure: answers at temperature 1.5 to schemas of ${schemas.length} public tools and answers: ${JSON.stringify(counts)}\n`,
    )
  })

  it.each(schemas)('fit %s', async (_, schema) => {
    const { $schema: __, ...validated } = schema
    const validate = ajv.compile(validated)
    const text = JSON.stringify(enforceableSchema(schema))
    for (let seed = 1; seed <= ANSWERS; seed += 1) {
      const run = await runGeneration(shard, {
        sampling: { temperature: 1.5, seed: String(seed) },
        maxTokens: 2000,
        stopTokenIds: [END_TOKEN],
        grammar: { kind: 'json-schema', text, endTokenIds: [END_TOKEN] },
      })
      const answer = tinyText(run.tokenIds)
      expect(run.last).toMatchObject({ type: 'generation-end' })
      if (run.last.type === 'generation-end' && run.last.finishReason === 'length') counts.cut += 1
      else if (!isCertain(schema) && !isFitting(validate, answer)) counts.checkedAfterwards += 1
      else {
        expect([validate(JSON.parse(answer)), validate.errors, answer]).toEqual([true, null, answer])
        counts.fitting += 1
      }
    }
  })

  it.each<[string, unknown]>([
    ['endless recursion', { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } }],
    ['a million brackets', '['.repeat(1_000_000)],
    ['deep nesting', `${'{"allOf":['.repeat(20_000)}{}${']}'.repeat(20_000)}`],
  ])('are refused in about a second where the schema is hostile, and others go on: %s', async (_, hostile) => {
    const text = typeof hostile === 'string' ? hostile : JSON.stringify(hostile)
    const begun = performance.now()
    const limits = { maxTokens: 5, stopTokenIds: [END_TOKEN] }
    const [refused, other] = await Promise.all([
      runGeneration(shard, { ...limits, grammar: { kind: 'json-schema', text, endTokenIds: [END_TOKEN] } }),
      runGeneration(shard, limits),
    ])
    expect(refused.last).toMatchObject({ type: 'generation-error', code: 'grammar-unsupported' })
    expect(other.last).toMatchObject({ type: 'generation-end' })
    expect(performance.now() - begun).toBeLessThan(20_000)
  })
})
