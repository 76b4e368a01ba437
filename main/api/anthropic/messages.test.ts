import Anthropic from '@anthropic-ai/sdk'
import { afterEach, describe, expect, it } from 'vitest'
import { AppError } from '../../shared/app-error.ts'
import type { Script } from '../__fixtures__/scripted-inference.ts'
import { accepted, inferenceEnd, sayWords, waitForAbort } from '../__fixtures__/scripted-inference.ts'
import type { TestApi } from '../__fixtures__/start-test-api.ts'
import { startTestApi } from '../__fixtures__/start-test-api.ts'

const PATH = '/v1/messages'
const messages = [{ role: 'user' as const, content: 'hello' }]
const base = { model: 'tiny', max_tokens: 50, messages }
const tools = [{ name: 'weather', description: 'of a city', input_schema: { type: 'object' as const } }]
const thinkSayCall = [
  '<think>',
  'Rain?',
  '</think>',
  'Let me ',
  'see. ',
  '<tool_call>{"name": "weather", "arguments": {"city": "Oslo"}}</tool_call>',
]

let api: TestApi
afterEach(() => api.close())

const start = async (script: Script = sayWords(['Par', 'is']), options = {}): Promise<Anthropic> => {
  api = await startTestApi(script, options)
  return new Anthropic({ baseURL: api.url, apiKey: 'none', maxRetries: 0 })
}

describe('messages', () => {
  it('answer a chat', async () => {
    const client = await start()
    const answer = await client.messages.create({
      ...base,
      system: [
        { type: 'text', text: 'x-anthropic-billing-header: cc=1' },
        { type: 'text', text: 'Be brief.' },
      ],
      stop_sequences: ['\n'],
      ...{ temperature: 0, top_k: 5 },
    })
    expect(answer).toMatchObject({
      id: expect.stringMatching(/^msg_/),
      type: 'message',
      role: 'assistant',
      model: 'org/tiny',
      content: [{ type: 'text', text: 'Paris' }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: { input_tokens: 2, cache_read_input_tokens: 1, output_tokens: 2 },
    })
    expect(api.inference.requests[0]).toMatchObject({
      maxTokens: 50,
      stop: ['\n'],
      topK: 5,
      temperature: 0,
      prompt: {
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'hello' },
        ],
        templateVariables: {},
      },
    })
  })

  it('take calls and their results', async () => {
    const client = await start()
    await client.messages.create({
      ...base,
      tools,
      thinking: { type: 'disabled' },
      messages: [
        ...messages,
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'hm', signature: '' },
            { type: 'text', text: 'Let me see.' },
            { type: 'tool_use', id: 't1', name: 'weather', input: { city: 'Oslo' } },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 't1', content: [{ type: 'text', text: 'rain' }] },
            { type: 'text', text: 'And?' },
            { type: 'text', text: 'Well?' },
          ],
        },
      ],
    })
    expect(api.inference.requests[0]?.prompt).toEqual({
      kind: 'messages',
      messages: [
        { role: 'user', content: 'hello' },
        {
          role: 'assistant',
          content: 'Let me see.',
          reasoning: 'hm',
          toolCalls: [{ id: 't1', name: 'weather', argumentsJson: '{"city":"Oslo"}' }],
        },
        { role: 'tool', content: 'rain', toolCallId: 't1' },
        { role: 'user', content: 'And?\nWell?' },
      ],
      tools: [{ name: 'weather', description: 'of a city', parameters: { type: 'object' } }],
      templateVariables: { enable_thinking: false },
    })
  })

  it('stream thoughts, words and calls that the Anthropic client joins', async () => {
    const client = await start(sayWords(thinkSayCall))
    const stream = client.messages.stream({ ...base, tools, thinking: { type: 'enabled', budget_tokens: 1024 } })
    const types: string[] = []
    for await (const event of stream) types.push(event.type)
    const block = (deltas: number): string[] => [
      'content_block_start',
      ...Array<string>(deltas).fill('content_block_delta'),
      'content_block_stop',
    ]
    expect(types).toEqual(['message_start', ...block(2), ...block(2), ...block(1), 'message_delta', 'message_stop'])
    const final = await stream.finalMessage()
    expect(final).toMatchObject({
      content: [
        { type: 'thinking', thinking: 'Rain?' },
        { type: 'text', text: 'Let me see.' },
        { type: 'tool_use', name: 'weather', input: { city: 'Oslo' } },
      ],
      stop_reason: 'tool_use',
      usage: { output_tokens: 6 },
    })
    const whole = await client.messages.create({ ...base, tools, thinking: { type: 'enabled', budget_tokens: 1024 } })
    const withoutIds = (content: unknown): unknown => JSON.parse(JSON.stringify(content).replaceAll(/"id":"[^"]*"/g, '"id":""'))
    expect(withoutIds(whole.content)).toEqual(withoutIds(final.content))
  })

  it('leave out thoughts that were not requested', async () => {
    const client = await start(sayWords(thinkSayCall))
    expect((await client.messages.create(base)).content.map((block) => block.type)).toEqual(['text'])
  })

  it('say why they end', async () => {
    const client = await start(async function* (request) {
      yield accepted(request)
      yield { type: 'choice-end', choiceIndex: 0, finishReason: 'stop', stopString: 'END', completionTokens: 1 }
      yield inferenceEnd(1, 1)
    })
    expect(await client.messages.create({ ...base, stop_sequences: ['END'] })).toMatchObject({
      stop_reason: 'stop_sequence',
      stop_sequence: 'END',
    })
    await api.close()
    const other = await start()
    expect(await other.messages.create({ ...base, max_tokens: 1 })).toMatchObject({ stop_reason: 'max_tokens', stop_sequence: null })
  })

  it('count the tokens of a prompt and free its slot', async () => {
    const client = await start(waitForAbort)
    expect(await client.messages.countTokens({ model: 'tiny', messages })).toEqual({ input_tokens: 5 })
    expect(api.inference.open.size).toBe(0)
  })

  it('fail as the Anthropic client expects', async () => {
    const client = await start(
      async function* (request) {
        yield accepted(request)
        throw new AppError('engine-busy', 'All places are taken.')
      },
      { apiToken: 'none' },
    )
    const error = await client.messages.create(base).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(Anthropic.RateLimitError)
    expect(error).toMatchObject({
      error: { type: 'error', error: { type: 'rate_limit_error', message: 'All places are taken.', code: 'engine_busy' } },
    })
    const stranger = new Anthropic({ baseURL: api.url, apiKey: 'wrong', maxRetries: 0 })
    await expect(stranger.messages.create(base)).rejects.toBeInstanceOf(Anthropic.AuthenticationError)
  })

  it('fail in the middle of a stream', async () => {
    const client = await start(async function* (request) {
      yield accepted(request)
      yield { type: 'text-delta', choiceIndex: 0, text: 'so', tokens: [] }
      throw new AppError('instance-failed', 'The worker died.')
    })
    await expect(client.messages.stream(base).finalMessage()).rejects.toThrow('The worker died.')
  })

  it.each<[name: string, fields: object, code: string, param: string]>([
    ['no max_tokens', { max_tokens: undefined }, 'missing_required_parameter', 'max_tokens'],
    ['a temperature of 6', { temperature: 6 }, 'invalid_value', 'temperature'],
    ['a forced tool that is not there', { tools, tool_choice: { type: 'tool', name: 'none' } }, 'invalid_value', 'tool_choice'],
    [
      'an image',
      { messages: [{ role: 'user', content: [{ type: 'image', source: {} }] }] },
      'unsupported_value',
      'messages[0].content[0].type',
    ],
    [
      'a text block without text',
      { messages: [{ role: 'user', content: [{ type: 'text', text: 5 }] }] },
      'invalid_type',
      'messages[0].content[0].text',
    ],
    ['a begun answer to nothing', { messages: [{ role: 'assistant', content: 'I' }] }, 'invalid_value', 'messages'],
  ])('refuse %s', async (_, fields, code, param) => {
    await start()
    const { status, body } = await api.post(PATH, { ...base, ...fields })
    expect({ status, type: body.type, code: body.error.code, param: body.error.param }).toEqual({ status: 400, type: 'error', code, param })
  })
})
