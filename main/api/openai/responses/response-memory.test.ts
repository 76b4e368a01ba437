import OpenAI from 'openai'
import { afterEach, describe, expect, it } from 'vitest'
import { type Script, accepted, sayWords } from '../../__fixtures__/scripted-inference.ts'
import { startTestApi, type TestApi } from '../../__fixtures__/start-test-api.ts'

const PATH = '/v1/responses'
const tools = [{ type: 'function' as const, name: 'weather', parameters: { type: 'object' }, strict: false }]

let api: TestApi
afterEach(() => api.close())

const start = async (script: Script = sayWords(['Par', 'is'])): Promise<OpenAI> => {
  api = await startTestApi(script)
  return new OpenAI({ baseURL: `${api.url}/v1`, apiKey: 'none', maxRetries: 0 })
}
const lastPrompt = (): unknown => api.inference.requests.at(-1)?.prompt

describe('the memory of responses', () => {
  it('A14 goes on from an earlier response, with new instructions', async () => {
    const client = await start()
    const first = await client.responses.create({ model: 'tiny', input: 'one', instructions: 'Be brief.' })
    const second = await client.responses.create({ model: 'tiny', input: 'two', instructions: 'Be kind.', previous_response_id: first.id })
    const third = await client.responses.create({
      model: 'tiny',
      input: [{ role: 'user', content: 'three' }],
      previous_response_id: second.id,
    })
    expect([second.previous_response_id, third.previous_response_id]).toEqual([first.id, second.id])
    expect(api.inference.requests[1]?.prompt).toMatchObject({
      messages: [
        { role: 'system', content: 'Be kind.' },
        { role: 'user', content: 'one' },
        { role: 'assistant', content: 'Paris' },
        { role: 'user', content: 'two' },
      ],
    })
    expect((lastPrompt() as { messages: { content: string }[] }).messages.map(({ content }) => content)).toEqual([
      'one',
      'Paris',
      'two',
      'Paris',
      'three',
    ])
    const items = await client.responses.inputItems.list(third.id, { order: 'asc' })
    expect(items.data.map((item) => item.type)).toEqual(['message', 'message', 'message', 'message', 'message'])
    expect(items.data.at(-1)).toMatchObject({
      role: 'user',
      content: [{ type: 'input_text', text: 'three' }],
      id: expect.stringMatching(/^msg_/),
    })
    await client.responses.delete(first.id)
    await expect(client.responses.retrieve(first.id)).rejects.toMatchObject({ status: 404, code: 'response_not_found' })
    expect(await client.responses.create({ model: 'tiny', input: 'four', previous_response_id: second.id })).toMatchObject({
      status: 'completed',
    })
  })

  it('A14 knows the items of calls and results, streamed or whole', async () => {
    const client = await start(
      sayWords([
        '<think>',
        'Rain?',
        '</think>',
        'Let me see. ',
        '<tool_call>{"name": "weather", "arguments": {"city": "Oslo"}}</tool_call>',
      ]),
    )
    for (const previous of [true, false]) {
      const first = await client.responses.stream({ model: 'tiny', input: 'Weather?', tools }).finalResponse()
      const call = first.output.find((item) => item.type === 'function_call')
      const result = { type: 'function_call_output' as const, call_id: call?.call_id ?? '', output: 'rain' }
      await (previous
        ? client.responses.create({ model: 'tiny', tools, previous_response_id: first.id, input: [result] })
        : client.responses.create({
            model: 'tiny',
            tools,
            input: [
              { role: 'user', content: 'Weather?' },
              ...first.output.map((item) => ({ type: 'item_reference' as const, id: item.id ?? '' })),
              result,
            ],
          }))
      expect(lastPrompt()).toMatchObject({
        messages: [
          { role: 'user', content: 'Weather?' },
          {
            role: 'assistant',
            content: 'Let me see.',
            toolCalls: [{ id: call?.call_id, name: 'weather', argumentsJson: '{"city":"Oslo"}' }],
          },
          { role: 'tool', content: 'rain', toolCallId: call?.call_id },
        ],
      })
    }
  })

  it('gives back the same response, page by page what it was given', async () => {
    const client = await start()
    const made = await client.responses.create({
      model: 'tiny',
      input: ['a', 'b', 'c'].map((content) => ({ role: 'user' as const, content })),
      metadata: { a: 'b' },
    })
    const kept = await api.get(`${PATH}/${made.id}`)
    expect(kept.body).toEqual(JSON.parse(JSON.stringify({ ...made, output_text: undefined, _request_id: undefined })))
    const page = await api.get(`${PATH}/${made.id}/input_items?limit=2`)
    expect(page.body).toMatchObject({ object: 'list', has_more: true, data: [{ content: [{ text: 'c' }] }, { content: [{ text: 'b' }] }] })
    expect((await api.get(`${PATH}/${made.id}/input_items?limit=2&after=${page.body.last_id}`)).body).toMatchObject({
      has_more: false,
      data: [{ content: [{ text: 'a' }] }],
    })
    expect((await api.post(`${PATH}/${made.id}/cancel`, {})).body.status).toBe('completed')
  })

  it('keeps nothing where store is false, and tells so in OpenAI’s shape', async () => {
    const client = await start()
    const made = await client.responses.create({ model: 'tiny', input: 'hi', store: false })
    expect(made).toMatchObject({ store: false })
    for (const [method, path] of [
      ['GET', ''],
      ['DELETE', ''],
      ['GET', '/input_items'],
      ['POST', '/cancel'],
    ] as const) {
      const answer = await fetch(`${api.url}${PATH}/${made.id}${path}`, { method })
      expect([answer.status, await answer.json()], `${method} ${path}`).toEqual([
        404,
        { error: { message: expect.stringContaining(made.id), type: 'invalid_request_error', param: 'id', code: 'response_not_found' } },
      ])
    }
    expect(await api.post(PATH, { model: 'tiny', input: 'x', previous_response_id: made.id })).toMatchObject({
      status: 404,
      body: { error: { code: 'previous_response_not_found', message: expect.stringContaining(made.id), param: 'previous_response_id' } },
    })
    expect((await api.post(PATH, { model: 'tiny', input: [{ id: made.output[0]?.id }] })).body.error.code).toBe('item_not_found')
  })

  it('shows a response that is being made, and ends it', async () => {
    const client = await start(async function* (request, signal) {
      yield accepted(request)
      yield { type: 'text-delta', choiceIndex: 0, text: 'so', tokens: [] }
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    })
    const stream = await client.responses.create({ model: 'tiny', input: 'hi', stream: true })
    let id = ''
    for await (const event of stream) {
      if (event.type === 'response.created') id = event.response.id
      if (event.type !== 'response.output_text.delta') continue
      expect((await api.get(`${PATH}/${id}`)).body.status).toBe('in_progress')
      expect((await api.post(`${PATH}/${id}/cancel`, {})).body).toMatchObject({ id, status: 'cancelled' })
      break
    }
    expect(id).toMatch(/^resp_/)
  })

  it('logprobs come with the words', async () => {
    const client = await start()
    const made = await client.responses.create({ model: 'tiny', input: 'hi', include: ['message.output_text.logprobs'], top_logprobs: 2 })
    const [item] = made.output
    expect(
      item?.type === 'message' && item.content[0]?.type === 'output_text' ? item.content[0].logprobs?.map(({ token }) => token) : null,
    ).toEqual(['Par', 'is'])
    expect(api.inference.requests.at(-1)?.topLogprobs).toBe(2)
    expect((await client.responses.create({ model: 'tiny', input: 'hi' })).output[0]).toMatchObject({ content: [{ logprobs: [] }] })
  })
})
