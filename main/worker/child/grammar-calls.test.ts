import Ajv from 'ajv/dist/2020.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CALL_FORMS, type CallFormName } from '../../domain/generation/calls/call-forms.ts'
import type { ParsedToolCall } from '../../domain/generation/calls/parse-tool-calls.ts'
import { createToolCallSplitter } from '../../domain/generation/calls/split-tool-calls.ts'
import type { ToolPiece } from '../../domain/generation/calls/tool-piece.ts'
import { boundTools } from '../../domain/generation/form/bound-tools.ts'
import { callGrammar } from '../../domain/generation/form/call-grammar.ts'
import { structuralTag } from '../../domain/generation/form/structural-tag.ts'
import { createHarmonySplitter } from '../../domain/generation/split-harmony.ts'
import type { CallRule } from '../../shared/inference/inference.ts'
import { openTiny, runGeneration } from '../../../native/__fixtures__/run-generation.ts'
import { makeTinyModel, type TinyModel } from '../../../native/__fixtures__/tiny-model.ts'
import { END_TOKEN, tinyText, tinyTokenId, tinyVocabulary } from '../../../native/__fixtures__/tiny-vocabulary.ts'
import type { Shard } from '../../../native/index.ts'

/** Answers per format; more with `EXO_CALL_ANSWERS`. */
const ANSWERS = Number(process.env['EXO_CALL_ANSWERS'] ?? 6)
const MOST_TOKENS = 1500

const tools = [
  {
    name: 'get_weather',
    parameters: {
      type: 'object',
      properties: {
        city: { type: 'string', pattern: '^[A-Z][a-z]{2,8}$' },
        days: { type: 'integer', minimum: 1, maximum: 14 },
        units: { enum: ['metric', 'imperial'] },
        hourly: { type: 'boolean' },
      },
      required: ['city', 'days'],
      additionalProperties: false,
    },
  },
  {
    name: 'send-mail',
    parameters: {
      type: 'object',
      properties: {
        to: { type: 'array', items: { $ref: '#/$defs/address' }, minItems: 1, maxItems: 2 },
        subject: { type: 'string', minLength: 1, maxLength: 12 },
        priority: { type: ['integer', 'null'], minimum: 0, maximum: 9 },
      },
      required: ['to', 'subject'],
      additionalProperties: false,
      $defs: {
        address: {
          type: 'object',
          properties: { name: { type: 'string', maxLength: 5 }, kind: { const: 'work' } },
          required: ['name', 'kind'],
          additionalProperties: false,
        },
      },
    },
  },
  {
    name: 'find',
    parameters: {
      type: 'object',
      properties: {
        limit: { anyOf: [{ type: 'integer', minimum: 1, maximum: 50 }, { type: 'null' }] },
        order: { enum: ['up', 'down', null, 3] },
        where: { $ref: '#/$defs/where' },
        quoted: { $ref: '#/$defs/quoted' },
        tag: { oneOf: [{ const: 'all' }, { type: 'array', items: { type: 'boolean' }, maxItems: 2 }] },
      },
      required: ['limit', 'where', 'quoted'],
      additionalProperties: false,
      $defs: { where: { type: 'string', enum: ['a b', 'c<d'] }, quoted: { type: 'string', pattern: '^say "[a-z]{1,4}"$' } },
    },
  },
  { name: 'label', parameters: { type: 'object', additionalProperties: { type: 'integer', minimum: 0, maximum: 9 } } },
  { name: 'list_files', parameters: { type: 'object', properties: {}, additionalProperties: false } },
  {
    name: 'toggle',
    parameters: {
      type: 'object',
      properties: { on: { type: 'boolean' }, at: { type: 'number', minimum: 0, maximum: 1 } },
      additionalProperties: false,
    },
  },
]
const ajv = new Ajv.default({ strict: false })
const fits = new Map(tools.map(({ name, parameters }) => [name, ajv.compile(parameters)]))

/** The pieces of an answer, which arrives one token at a time if it is streamed. */
function piecesOf(form: CallFormName, texts: readonly string[]): ToolPiece[] {
  const splitter = form === 'harmony' ? createHarmonySplitter(tools) : createToolCallSplitter(tools)
  const pieces = [...texts.flatMap((text) => splitter.push(text)), ...splitter.flush()]
  return pieces.filter((piece) => piece.type !== 'reasoning')
}

const callsOf = (pieces: readonly ToolPiece[]): ParsedToolCall[] =>
  pieces.flatMap((piece) => (piece.type === 'tool-call' ? [{ name: piece.call.name, argumentsJson: piece.call.argumentsJson }] : []))

const names = Object.keys(CALL_FORMS) as CallFormName[]

describe('the calls of a random model at a high temperature', { timeout: 120_000 }, () => {
  let model: TinyModel
  let shard: Shard
  const counts = { calls: 0, cut: 0 }

  beforeAll(async () => {
    model = makeTinyModel()
    shard = await openTiny(model, { contextTokens: 4096 })
    shard.setVocabulary(tinyVocabulary())
  })
  afterAll(async () => {
    await shard.close()
    model.remove()
    process.stdout.write(
      `figure: enforced calls of a random model at temperature 1.5 in ${names.length} formats: ${JSON.stringify(counts)}\n`,
    )
  })

  /**
   * The texts of the answer's tokens; null: it was cut short.
   *
   * @param begun - what the answer starts with
   */
  const answer = async (form: CallFormName, rule: Omit<CallRule, 'tools'>, allowed: readonly string[], seed: number, begun = '') => {
    const begunTokenIds = [...begun].map(tinyTokenId)
    const bound = boundTools(
      tools.filter(({ name }) => allowed.includes(name)),
      () => true,
    )
    const run = await runGeneration(shard, {
      promptTokenIds: [1, 2, 3, ...begunTokenIds],
      resumedTokens: begunTokenIds.length,
      sampling: { temperature: 1.5, seed: String(seed) },
      maxTokens: MOST_TOKENS,
      stopTokenIds: [END_TOKEN],
      grammar: { ...structuralTag(callGrammar(CALL_FORMS[form], { ...rule, tools: bound })), endTokenIds: [END_TOKEN] },
    })
    expect(run.last).toMatchObject({ type: 'generation-end' })
    const isCut = run.last.type === 'generation-end' && run.last.finishReason === 'length'
    counts.cut += isCut ? 1 : 0
    return isCut ? null : [begun, ...run.tokenIds.map((tokenId) => tinyText([tokenId]))]
  }

  const expectValid = (calls: readonly ParsedToolCall[], text: string): void => {
    for (const { name, argumentsJson } of calls) {
      const validate = fits.get(name)
      expect([validate?.(JSON.parse(argumentsJson)), validate?.errors, text, argumentsJson]).toEqual([true, null, text, argumentsJson])
      counts.calls += 1
    }
  }

  it.each(names)('are valid calls of the tools where one is required, streamed and not: %s', async (form) => {
    const allowed = tools.map(({ name }) => name)
    for (let seed = 1; seed <= ANSWERS; seed += 1) {
      const texts = await answer(form, { isRequired: true, isParallel: true }, allowed, seed)
      if (texts === null) continue
      const text = texts.join('')
      const whole = piecesOf(form, [text])
      expect([callsOf(whole).length > 0, whole.filter(({ type }) => type === 'content'), text]).toEqual([true, [], text])
      expectValid(callsOf(whole), text)
      const streamed = piecesOf(form, texts)
      expect(callsOf(streamed)).toEqual(callsOf(whole))
      const told = streamed.flatMap((piece) => (piece.type === 'call-arguments' ? [piece.text] : [])).join('')
      if (callsOf(whole).length === 1) expect(callsOf(whole)[0]?.argumentsJson.startsWith(told)).toBe(true)
    }
  })

  it.each(names)('are one call of the tool that is named: %s', async (form) => {
    for (const name of ['send-mail', 'find', 'label']) {
      const texts = await answer(form, { isRequired: true, isParallel: false }, [name], 7)
      if (texts === null) continue
      const calls = callsOf(piecesOf(form, texts))
      expect([calls.map((call) => call.name), texts.join('')]).toEqual([[name], texts.join('')])
      expectValid(calls, texts.join(''))
    }
  })

  it.each(names)('are bound from their beginning where the answer is free otherwise: %s', async (form) => {
    const begun = `Let me see. ${(CALL_FORMS[form].section[0] || CALL_FORMS[form].call[0]).split('\n', 1)[0]}`
    if (['python', 'llama'].includes(form)) return // their calls look like any text, and are calls only at the start of an answer
    for (let seed = 1; seed <= 3; seed += 1) {
      const texts = await answer(form, { isRequired: false, isParallel: false }, ['toggle', 'send-mail'], seed, begun)
      if (texts === null) continue
      const calls = callsOf(piecesOf(form, [form === 'harmony' ? texts.join('').slice('Let me see. '.length) : texts.join('')]))
      expect([calls.length, texts.join('')]).toEqual([1, texts.join('')])
      expectValid(calls, texts.join(''))
    }
    const free = await answer(form, { isRequired: false, isParallel: true }, ['toggle'], 5)
    if (free !== null) expect(callsOf(piecesOf(form, free))).toEqual([])
  })
})
