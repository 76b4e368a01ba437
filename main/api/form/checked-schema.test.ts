import { afterEach, describe, expect, it } from 'vitest'
import { inferenceEnd, accepted, textToken } from '../__fixtures__/scripted-inference.ts'
import type { InferencePart, InferenceRequest } from '../../shared/inference/inference.ts'
import { startTestApi, type TestApi } from '../__fixtures__/start-test-api.ts'
import { slowPattern } from './slow-pattern.ts'

const messages = [{ role: 'user', content: 'hi' }]
let api: TestApi
afterEach(() => api.close())

async function start(answer: string): Promise<TestApi> {
  api = await startTestApi(async function* (request: InferenceRequest): AsyncIterable<InferencePart> {
    yield accepted(request)
    yield { type: 'text-delta', choiceIndex: 0, text: answer, tokens: [textToken(answer, 0)] }
    yield { type: 'choice-end', choiceIndex: 0, finishReason: 'stop', stopString: null, completionTokens: 1 }
    yield inferenceEnd(3, 1)
  })
  return api
}

const inOpenAi = (schema: unknown, strict: boolean) => ({
  path: '/v1/chat/completions',
  body: { messages, response_format: { type: 'json_schema', json_schema: { name: 'a', strict, schema } } },
})
const inResponses = (schema: unknown, strict: boolean) => ({
  path: '/v1/responses',
  body: { input: 'hi', text: { format: { type: 'json_schema', name: 'a', strict, schema } } },
})
const inAnthropic = (schema: unknown) => ({
  path: '/v1/messages',
  body: { max_tokens: 9, messages, output_config: { format: { type: 'json_schema', schema } } },
})
const inOllama = (schema: unknown) => ({ path: '/ollama/api/chat', body: { messages, format: schema } })
const inVllm = (schema: unknown) => ({ path: '/v1/chat/completions', body: { messages, guided_json: schema } })

const bad = { type: 'object', properties: { a: { type: 'objekt' } } }
const endless = { type: 'object', properties: { a: { $ref: '#' } }, required: ['a'] }
const bomb = { type: 'object', properties: { a: { type: 'string', pattern: '^(a+)+$' } } }
const repeated = { type: 'string', pattern: '((a{1,999}){1,999})' }
const large = { type: 'object', properties: { a: { enum: Array.from({ length: 40_000 }, (_, index) => `a long name ${index}`) } } }
const beyond = { type: 'object', properties: { a: { unevaluatedProperties: false } } }

describe('a schema that answers cannot be checked for', () => {
  it.each<[string, { path: string; body: object }, string]>([
    ['OpenAI', inOpenAi(bad, false), "'type' in 'response_format' at #/properties/a"],
    ['Responses', inResponses(bad, true), "'type' in 'text' at #/properties/a"],
    ['Anthropic', inAnthropic(bad), "'type' in 'output_config.format' at #/properties/a"],
    ['Ollama', inOllama(bad), "'type' in 'format' at #/properties/a"],
    ['vLLM', inVllm(bad), "'type' in 'guided_json' at #/properties/a"],
    ['recursion without end', inOpenAi(endless, false), 'requires itself'],
    ['a pattern that takes endlessly long', inOpenAi(bomb, false), "'pattern' in 'response_format' at #/properties/a"],
    ['a pattern that repeats repetitions', inOpenAi(repeated, false), 'repeats more than'],
    ['a schema of a megabyte', inOpenAi(large, false), 'the limit is'],
    ['a keyword that is not checked, strict', inOpenAi(beyond, true), "'unevaluatedProperties' in 'response_format' at #/properties/a"],
    ['a keyword that is not checked, strict, Responses', inResponses(beyond, true), "'unevaluatedProperties' in 'text'"],
  ])('is refused before a model is asked: %s', async (_, { path, body }, words) => {
    const { post, inference } = await start('{}')
    const answer = await post(path, { model: 'tiny', stream: false, ...body })
    expect(answer.status).toBe(400)
    expect(JSON.stringify(answer.body)).toContain(words)
    expect(inference.requests).toHaveLength(0)
  })

  it('is an annotation where it is not strict', async () => {
    const { post } = await start('{"a":1}')
    const { path, body } = inOpenAi(beyond, false)
    expect((await post(path, { model: 'tiny', ...body })).status).toBe(200)
  })

  it('is refused in the parameters of a strict tool', async () => {
    const { post, inference } = await start('{}')
    const tool = { type: 'function', function: { name: 'f', strict: true, parameters: beyond } }
    const answer = await post('/v1/chat/completions', { model: 'tiny', messages, tools: [tool] })
    expect([answer.status, answer.body.error.param]).toEqual([400, 'tools.f'])
    const ofAnthropic = await post('/v1/messages', {
      model: 'tiny',
      max_tokens: 9,
      messages,
      tools: [{ name: 'f', strict: true, input_schema: bad }],
    })
    expect(ofAnthropic.status).toBe(400)
    expect(inference.requests).toHaveLength(0)
  })
})

describe('patterns', () => {
  it('that people send are used, however many there are', async () => {
    const patterns = [
      '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$',
      '^(\\d{1,3}\\.){3}\\d{1,3}$',
      '^[a-z]+(-[a-z]+)*$',
    ]
    const properties = Object.fromEntries(
      Array.from({ length: 600 }, (_, index) => [`p${index}`, { type: 'string', pattern: `${patterns[index % 3]}|^x${index}$` }]),
    )
    const { post, inference } = await start('{}')
    const { path, body } = inOpenAi({ type: 'object', properties }, true)
    expect((await post(path, { model: 'tiny', ...body })).status).toBe(200)
    expect(inference.requests).toHaveLength(1)
  })
})

describe('a pattern that never ends', () => {
  it('is refused while the node goes on', async () => {
    const { post } = await start('{}')
    const { path, body } = inOpenAi(bomb, false)
    let turns = 0
    const timer = setInterval(() => (turns += 1), 5)
    const answer = await post(path, { model: 'tiny', ...body }).finally(() => clearInterval(timer))
    expect([answer.status, answer.body.error.message]).toEqual([400, expect.stringContaining('too long on some texts')])
    // If the event loop had waited for the pattern, it would have run only once or twice.
    expect(turns).toBeGreaterThan(10)
  })

  it('is found among patterns that end', async () => {
    const quick = Array.from({ length: 30 }, (_, index) => `^(x${index})+$`)
    expect(await slowPattern([...quick, '^(a+)+$', '^(b)+$'])).toBe('^(a+)+$')
    expect(await slowPattern(quick)).toBeNull()
  })
})

describe('formats of a strict schema', () => {
  const schema = { type: 'object', properties: { a: { type: 'string', format: 'date' } }, required: ['a'], additionalProperties: false }
  it('count', async () => {
    const { post } = await start('{"a":"2024-02-30"}')
    const strict = inOpenAi(schema, true)
    expect((await post(strict.path, { model: 'tiny', ...strict.body })).body.error.code).toBe('answer_unfit')
    const lax = inOpenAi(schema, false)
    expect((await post(lax.path, { model: 'tiny', ...lax.body })).status).toBe(200)
  })
})
