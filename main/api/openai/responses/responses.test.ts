import OpenAI from 'openai'
import { afterEach, describe, expect, it } from 'vitest'
import { AppError } from '../../../shared/app-error.ts'
import type { Script } from '../../__fixtures__/scripted-inference.ts'
import { accepted, sayWords } from '../../__fixtures__/scripted-inference.ts'
import type { TestApi } from '../../__fixtures__/start-test-api.ts'
import { startTestApi } from '../../__fixtures__/start-test-api.ts'

const PATH = '/v1/responses'
const tools = [{ type: 'function' as const, name: 'weather', parameters: { type: 'object' }, strict: false }]
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

const start = async (script: Script = sayWords(['Par', 'is'])): Promise<OpenAI> => {
  api = await startTestApi(script)
  return new OpenAI({ baseURL: `${api.url}/v1`, apiKey: 'none', maxRetries: 0 })
}

describe('responses', () => {
  it('answer a text', async () => {
    const client = await start()
    const response = await client.responses.create({
      model: 'tiny',
      input: 'hello',
      instructions: 'Be brief.',
      max_output_tokens: 50,
      metadata: { a: 'b' },
    })
    expect(response).toMatchObject({
      object: 'response',
      status: 'completed',
      model: 'org/tiny',
      output_text: 'Paris',
      metadata: { a: 'b' },
      store: true,
      previous_response_id: null,
      usage: {
        input_tokens: 3,
        input_tokens_details: { cached_tokens: 1 },
        output_tokens: 2,
        output_tokens_details: { reasoning_tokens: 0 },
        total_tokens: 5,
      },
    })
    expect(api.inference.requests[0]).toMatchObject({
      requestId: response.id,
      maxTokens: 50,
      prompt: {
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'hello' },
        ],
      },
    })
  })

  it('take whole conversations', async () => {
    const client = await start()
    await client.responses.create({
      model: 'tiny',
      reasoning: { effort: 'low' },
      input: [
        { role: 'developer', content: 'Be brief.' },
        { role: 'user', content: [{ type: 'input_text', text: 'Weather?' }] },
        { type: 'reasoning', id: 'rs_1', summary: [] },
        {
          type: 'message',
          id: 'msg_1',
          status: 'completed',
          role: 'assistant',
          content: [{ type: 'output_text', text: 'Let me see.', annotations: [] }],
        },
        { type: 'function_call', call_id: 'c1', name: 'weather', arguments: '{}' },
        { type: 'function_call', call_id: 'c2', name: 'weather', arguments: '{}' },
        { type: 'function_call_output', call_id: 'c1', output: 'rain' },
      ],
    })
    expect(api.inference.requests[0]?.prompt).toMatchObject({
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Weather?' },
        {
          role: 'assistant',
          content: 'Let me see.',
          toolCalls: [
            { id: 'c1', name: 'weather', argumentsJson: '{}' },
            { id: 'c2', name: 'weather', argumentsJson: '{}' },
          ],
        },
        { role: 'tool', content: 'rain', toolCallId: 'c1' },
      ],
      templateVariables: { enable_thinking: true, reasoning_effort: 'low' },
    })
  })

  it('stream thoughts, words and calls as events that the openai client joins', async () => {
    const client = await start(sayWords(thinkSayCall))
    const stream = client.responses.stream({ model: 'tiny', input: 'Weather?', tools })
    const types: string[] = []
    const sequence: number[] = []
    for await (const event of stream) {
      types.push(event.type)
      sequence.push(event.sequence_number)
    }
    expect(types).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.reasoning_text.delta',
      'response.reasoning_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.output_item.added',
      'response.function_call_arguments.delta',
      'response.function_call_arguments.done',
      'response.output_item.done',
      'response.completed',
    ])
    expect(sequence).toEqual(types.map((_, index) => index))
    const final = await stream.finalResponse()
    expect(final.output).toMatchObject([
      { type: 'reasoning', status: 'completed', content: [{ type: 'reasoning_text', text: 'Rain?' }] },
      { type: 'message', status: 'completed', content: [{ type: 'output_text', text: 'Let me see.' }] },
      { type: 'function_call', status: 'completed', name: 'weather', arguments: '{"city":"Oslo"}' },
    ])
    expect(final.usage?.output_tokens_details.reasoning_tokens).toBeGreaterThan(0)
  })

  it('tell a client that asks for a summary of the reasoning all of it, as the summary', async () => {
    const client = await start(sayWords(thinkSayCall))
    const stream = client.responses.stream({ model: 'tiny', input: 'Weather?', tools, reasoning: { summary: 'auto' } })
    const told: string[] = []
    for await (const event of stream) if (event.type.includes('summary')) told.push(event.type)
    expect(told).toEqual([
      'response.reasoning_summary_part.added',
      'response.reasoning_summary_text.delta',
      'response.reasoning_summary_text.done',
      'response.reasoning_summary_part.done',
    ])
    const final = await stream.finalResponse()
    expect(final.reasoning?.summary).toBe('auto')
    expect(final.output[0]).toMatchObject({ type: 'reasoning', summary: [{ type: 'summary_text', text: 'Rain?' }] })
  })

  it('say the same whole as streamed', async () => {
    const client = await start(sayWords(thinkSayCall))
    const whole = await client.responses.create({ model: 'tiny', input: 'Weather?', tools })
    const streamed = await client.responses.stream({ model: 'tiny', input: 'Weather?', tools }).finalResponse()
    const withoutIds = (output: unknown): unknown =>
      JSON.parse(
        JSON.stringify(output)
          .replaceAll(/"(id|call_id)":"[^"]*"/g, '"id":""')
          .replaceAll(/,"parsed[_a-z]*":(null|\{[^}]*\})/g, ''),
      )
    expect(withoutIds(streamed.output)).toEqual(withoutIds(whole.output))
  })

  it('are incomplete when the tokens run out', async () => {
    const client = await start()
    const response = await client.responses.create({ model: 'tiny', input: 'hello', max_output_tokens: 1 })
    expect(response).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      output: [{ status: 'incomplete' }],
    })
  })

  it('make the client throw what fails in the middle', async () => {
    const client = await start(async function* (request) {
      yield accepted(request)
      yield { type: 'text-delta', choiceIndex: 0, text: 'so', tokens: [] }
      throw new AppError('instance-failed', 'The worker died.')
    })
    const stream = await client.responses.create({ model: 'tiny', input: 'hello', stream: true })
    const read = async (): Promise<void> => {
      for await (const event of stream) void event
    }
    await expect(read()).rejects.toThrow('The worker died.')
  })

  it.each<[param: string, value: unknown, code: string]>([
    ['prompt', { id: 'p' }, 'unsupported_parameter'],
    ['background', 'yes', 'invalid_type'],
    ['text', { format: { type: 'json_schema' } }, 'invalid_value'],
    ['tool_choice', 'required', 'invalid_value'],
    ['top_logprobs', 21, 'invalid_value'],
    ['input', [], 'invalid_value'],
    ['max_output_tokens', -2, 'invalid_value'],
  ])('refuse %s: %j', async (param, value, code) => {
    await start()
    const { status, body } = await api.post(PATH, { model: 'tiny', input: 'hello', [param]: value })
    expect({ status, code: body.error.code, param: body.error.param }).toEqual({ status: 400, code, param })
  })

  it.each([
    ['an image', [{ role: 'user', content: [{ type: 'input_image', image_url: 'x' }] }], 'unsupported_value'],
    ['a stored item', [{ type: 'item_reference', id: 'msg_1' }], 'item_not_found'],
  ])('refuse %s', async (_, input, code) => {
    await start()
    const { status, body } = await api.post(PATH, { model: 'tiny', input })
    expect([status, body.error.code], JSON.stringify(body)).toEqual([400, code])
  })
})
