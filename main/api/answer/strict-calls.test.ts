import { afterEach, describe, expect, it } from 'vitest'
import { AppError } from '../../shared/app-error.ts'
import type { InferencePart, InferenceRequest } from '../../shared/inference/inference.ts'
import { accepted, inferenceEnd, textToken } from '../__fixtures__/scripted-inference.ts'
import { startTestApi, type TestApi } from '../__fixtures__/start-test-api.ts'

const CHAT = '/v1/chat/completions'
const hi = [{ role: 'user', content: 'hi' }]
const parameters = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'], additionalProperties: false }
const tool = (strict: boolean | undefined) => ({ type: 'function', function: { name: 'f', parameters, strict } })
const call = (args: unknown): string => `<tool_call>\n{"name":"f","arguments":${JSON.stringify(args)}}\n</tool_call>`

let api: TestApi
afterEach(() => api.close())

/** An engine that enforces no calls. It gives the next of `answers` each time, after the start that the request requires. */
async function start(...answers: readonly string[]): Promise<TestApi> {
  let calls = 0
  api = await startTestApi(async function* (request: InferenceRequest): AsyncIterable<InferencePart> {
    if (request.calls) throw new AppError('grammar-unsupported', 'It is too large.')
    const begun = request.prompt.kind === 'messages' && request.prompt.answerStart ? '<tool_call>\n{"name": "f", "arguments":' : ''
    yield { ...accepted(request), promptText: `assistant\n${begun}` } as InferencePart
    const answer = answers[Math.min(calls, answers.length - 1)] ?? ''
    calls += 1
    for (const [index, text] of [...answer].entries()) yield { type: 'text-delta', choiceIndex: 0, text, tokens: [textToken(text, index)] }
    yield { type: 'choice-end', choiceIndex: 0, finishReason: 'stop', stopString: null, completionTokens: answer.length }
    yield inferenceEnd(3, answer.length)
  })
  return api
}

describe('a strict tool that the model may call', () => {
  it('is called with valid arguments: those that can be adapted are, others are requested once more', async () => {
    const { post, inference } = await start(`Let me see. ${call({ n: '5' })}`, `Let me see. ${call({ m: 1 })}`, '{"n": 7}}\n</tool_call>')
    const argumentsOf = async (): Promise<unknown> => {
      const { body } = await post(CHAT, { model: 'tiny', messages: hi, tools: [tool(true)] })
      const [{ message, finish_reason: reason }] = body.choices
      expect([message.content.trim(), reason, message.tool_calls.length]).toEqual(['Let me see.', 'tool_calls', 1])
      return JSON.parse(message.tool_calls[0].function.arguments)
    }
    expect(await argumentsOf()).toEqual({ n: 5 })
    expect(inference.requests.filter(({ calls }) => calls === undefined)).toHaveLength(1)
    expect(await argumentsOf()).toEqual({ n: 7 })
    expect(inference.requests.filter(({ calls }) => calls === undefined)).toHaveLength(3)
    expect(JSON.stringify(inference.requests.at(-1)?.prompt)).toContain('An earlier answer was refused')
  })

  it.each<[string, string, Record<string, unknown>]>([
    ['a chat', CHAT, { messages: hi, tools: [tool(true)] }],
    ['Responses', '/v1/responses', { input: 'hi', tools: [{ type: 'function', name: 'f', parameters, strict: true }] }],
    ['Anthropic', '/v1/messages', { max_tokens: 99, messages: hi, tools: [{ name: 'f', input_schema: parameters, strict: true }] }],
  ])('is never called with what does not fit: %s', async (_, path, fields) => {
    const { post, inference } = await start(call({ m: 1 }), '{"m": 2}}\n</tool_call>', call({ m: 1 }), '{"m": 2}}\n</tool_call>')
    const { status, body } = await post(path, { model: 'tiny', ...fields })
    expect([status, JSON.stringify(body)]).toEqual([502, expect.stringContaining('asked twice')])
    expect(inference.requests.filter(({ calls }) => calls === undefined)).toHaveLength(2)
    const { body: stream } = await post(path, { model: 'tiny', ...fields, stream: true })
    expect(JSON.stringify(stream)).not.toContain('\\"m\\"')
  })

  it('changes nothing for words, and for tools that are not strict', async () => {
    const { post } = await start('Just words.')
    expect((await post(CHAT, { model: 'tiny', messages: hi, tools: [tool(true)] })).body.choices[0].message.content).toBe('Just words.')
    await api.close()
    const loose = await start(call({ m: 1 }))
    const { body } = await loose.post(CHAT, { model: 'tiny', messages: hi, tools: [tool(undefined)] })
    expect(JSON.parse(body.choices[0].message.tool_calls[0].function.arguments)).toEqual({ m: 1 })
  })

  it.each<[string, string, Record<string, unknown>]>([
    [
      'a chat',
      CHAT,
      {
        messages: hi,
        tools: [{ type: 'custom', custom: { name: 'f', format: { type: 'grammar', grammar: { syntax: 'regex', definition: 'a|b' } } } }],
      },
    ],
    [
      'Responses',
      '/v1/responses',
      { input: 'hi', tools: [{ type: 'custom', name: 'f', format: { type: 'grammar', syntax: 'regex', definition: 'a|b' } }] },
    ],
  ])('is bound by the regular expression of its text: %s', async (_, path, fields) => {
    const { post, inference } = await start(call({ input: 'b' }))
    expect((await post(path, { model: 'tiny', ...fields })).status).toBe(200)
    expect(inference.requests[0]?.calls?.tools[0]?.schema).toMatchObject({ properties: { input: { pattern: '^(?:a|b)$' } } })
    await api.close()
    const other = await start(call({ input: 'c' }))
    expect((await other.post(path, { model: 'tiny', ...fields })).status).toBe(502)
  })

  it.each([
    [
      'a chat',
      CHAT,
      { messages: hi },
      (format: object) => ({ type: 'custom', custom: { name: 'f', format: { type: 'grammar', grammar: format } } }),
    ],
    [
      'Responses',
      '/v1/responses',
      { input: 'hi' },
      (format: object) => ({ type: 'custom', name: 'f', format: { type: 'grammar', ...format } }),
    ],
  ])('is bound by the Lark grammar of its text, or refused, by its line if it can be: %s', async (_, path, fields, toolOf) => {
    const { post, inference } = await start(call({ input: 'b' }))
    const ask = (definition: string) => post(path, { model: 'tiny', ...fields, tools: [toolOf({ syntax: 'lark', definition })] })
    // Nothing checks afterwards whether the text follows the grammar, so nobody is asked without.
    const refused = await ask('start: "a" | "b"')
    expect([refused.status, refused.body.error.message]).toEqual([400, expect.stringContaining('It is too large')])
    expect(inference.requests).toHaveLength(1)
    expect(inference.requests[0]?.calls?.tools[0]?.schema).toMatchObject({ properties: { input: { 'x-lark': 'start: "a" | "b"' } } })
    for (const [definition, fault] of [
      ['start: pair{"a"}\npair{x}: x x', "Line 1 of the Lark grammar in 'tools.f' cannot be enforced: the template 'pair'"],
      ['start: A\n\nA: /a(?!b)/', "Line 3 of the Lark grammar in 'tools.f'"],
      ['*** a patch', "Line 1 of the Lark grammar in 'tools.f' cannot be enforced: it has no rule 'start'"],
    ] as const) {
      const { status, body } = await ask(definition)
      expect([status, body.error.message]).toEqual([400, expect.stringContaining(fault)])
    }
  })
})
