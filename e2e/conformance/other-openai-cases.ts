import { expect } from 'vitest'
import { type ConformanceCase, counting, hi, type Json, placeAsked, placeSchema, weatherSchema, type ApiWire } from './wire.ts'

const TEXT = '/v1/completions'
const RESPONSES = '/v1/responses'
const weather = { type: 'function', name: 'weather', parameters: weatherSchema, strict: false }
const ok = async (wire: ApiWire, path: string, fields: Record<string, unknown>): Promise<Json> => {
  const { status, body, text } = await wire.send(path, { model: 'default', ...fields })
  expect(status, text).toBe(200)
  return body
}
const complete = (wire: ApiWire, fields: Record<string, unknown> = {}): Promise<Json> =>
  ok(wire, TEXT, { prompt: 'Hello', max_tokens: 4, ...fields })
const respond = (wire: ApiWire, fields: Record<string, unknown> = {}): Promise<Json> =>
  ok(wire, RESPONSES, { input: 'hi', max_output_tokens: 16, ...fields })
const textOf = (response: Json): string =>
  response.output
    .flatMap((item: Json): Json[] => item.content ?? [])
    .map((part: Json): string => part.text)
    .join('')
const isRefused = async (wire: ApiWire, path: string, body: unknown, status: number, param: string | null): Promise<void> => {
  const answer = await wire.send(path, body)
  expect([answer.status, answer.body.error?.param, answer.body.error?.type], answer.text).toEqual([status, param, 'invalid_request_error'])
}

export const completionCases: readonly ConformanceCase[] = [
  [
    'MUST',
    'a text completion has its shape',
    async (wire) =>
      expect(await complete(wire)).toMatchObject({
        id: expect.stringMatching(/^cmpl-/),
        object: 'text_completion',
        choices: [{ index: 0, text: expect.any(String), logprobs: null, finish_reason: expect.stringMatching(/^(stop|length)$/) }],
        usage: { prompt_tokens: expect.any(Number), completion_tokens: expect.any(Number) },
      }),
  ],
  [
    'MUST',
    'several prompts have as many choices, in order',
    async (wire) =>
      expect((await complete(wire, { prompt: ['a', 'b'], n: 2 })).choices.map((choice: Json) => choice.index)).toEqual([0, 1, 2, 3]),
  ],
  ['SHOULD', 'token ids are a prompt', async (wire) => expect((await complete(wire, { prompt: [5, 6, 7] })).usage.prompt_tokens).toBe(3)],
  ['MUST', 'echo begins with the prompt', async (wire) => expect((await complete(wire, { echo: true })).choices[0].text).toMatch(/^Hello/)],
  [
    'SHOULD',
    'echo without new tokens gives the logprobs of the prompt',
    async (wire) => {
      const [{ text, logprobs }] = (await complete(wire, { echo: true, max_tokens: 0, logprobs: 1 })).choices
      expect([text, logprobs.tokens.join(''), logprobs.token_logprobs[0]]).toEqual(['Hello', 'Hello', null])
    },
  ],
  [
    'SHOULD',
    'logprobs have four lists of one length',
    async (wire) => {
      const { tokens, token_logprobs, top_logprobs, text_offset } = (await complete(wire, { logprobs: 2 })).choices[0].logprobs
      expect(new Set([tokens.length, token_logprobs.length, top_logprobs.length, text_offset.length]).size).toBe(1)
    },
  ],
  [
    'MUST',
    'a stream of text ends with [DONE], and its usage with include_usage',
    async (wire) => {
      const events = await wire.events(TEXT, {
        model: 'default',
        prompt: 'Hello',
        max_tokens: 3,
        stream: true,
        stream_options: { include_usage: true },
      })
      expect(events.at(-1)?.data).toBe('[DONE]')
      expect(events.at(-2)?.data).toMatchObject({
        object: 'text_completion',
        choices: [],
        usage: { completion_tokens: expect.any(Number) },
      })
    },
  ],
  [
    'SHOULD',
    'the limit is 16 if none is given',
    async (wire) => expect((await complete(wire, { max_tokens: undefined, ignore_eos: true })).usage.completion_tokens).toBe(16),
  ],
  ['SHOULD', 'no prompt is refused', (wire) => isRefused(wire, TEXT, { model: 'default' }, 400, 'prompt')],
]

export const responseCases: readonly ConformanceCase[] = [
  [
    'MUST',
    'a response has its shape',
    async (wire) =>
      expect(await respond(wire)).toMatchObject({
        id: expect.stringMatching(/^resp_/),
        object: 'response',
        status: 'completed',
        error: null,
        incomplete_details: null,
        output: [{ type: 'message', role: 'assistant', status: 'completed', content: [{ type: 'output_text', annotations: [] }] }],
        usage: { input_tokens: expect.any(Number), output_tokens: expect.any(Number), total_tokens: expect.any(Number) },
        parallel_tool_calls: true,
        tool_choice: 'auto',
        tools: [],
      }),
  ],
  [
    'SHOULD',
    'a response names every field of the reference',
    async (wire) => {
      const named = ['completed_at', 'max_tool_calls', 'presence_penalty', 'frequency_penalty', 'service_tier', 'prompt_cache_key']
      const also = [
        'safety_identifier',
        'top_logprobs',
        'truncation',
        'background',
        'store',
        'reasoning',
        'text',
        'metadata',
        'instructions',
      ]
      expect(Object.keys(await respond(wire))).toEqual(expect.arrayContaining([...named, ...also]))
    },
  ],
  [
    'MUST',
    'a limit makes it incomplete, with the reason',
    async (wire) =>
      expect(await respond(wire, { input: counting, max_output_tokens: 3 })).toMatchObject({
        status: 'incomplete',
        incomplete_details: { reason: 'max_output_tokens' },
        usage: { output_tokens: 3 },
      }),
  ],
  [
    'MUST',
    'events are numbered, and begin and end as the reference has it',
    async (wire) => {
      const events = await wire.events(RESPONSES, { model: 'default', input: 'hi', stream: true })
      expect(events.map(({ data }): number => data.sequence_number)).toEqual(events.map((_, index) => index))
      expect(events.every(({ event, data }) => event === data.type)).toBe(true)
      expect(events.filter(({ event }) => event !== 'response.output_text.delta').map(({ event }) => event)).toEqual([
        ...['response.created', 'response.in_progress', 'response.output_item.added', 'response.content_part.added'],
        ...['response.output_text.done', 'response.content_part.done', 'response.output_item.done', 'response.completed'],
      ])
    },
  ],
  [
    'MUST',
    'the pieces are the text',
    async (wire) => {
      const events = await wire.events(RESPONSES, { model: 'default', input: 'hi', stream: true })
      const pieces = events.filter(({ event }) => event === 'response.output_text.delta').map(({ data }): string => data.delta)
      expect(pieces.join('')).toBe(textOf(events.at(-1)?.data.response))
    },
  ],
  [
    'MUST',
    'a call is an item with call_id, name and arguments',
    async (wire) => {
      const { output } = await respond(wire, { tools: [weather], max_output_tokens: 64 })
      expect(output).toEqual([
        expect.objectContaining({ type: 'function_call', call_id: expect.any(String), name: 'weather', status: 'completed' }),
      ])
      expect(JSON.parse(output[0].arguments)).toEqual({ city: 'Oslo' })
    },
  ],
  [
    'MUST',
    'a streamed call has its events',
    async (wire) => {
      const events = await wire.events(RESPONSES, { model: 'default', input: 'hi', tools: [weather], stream: true })
      const pieces = events.filter(({ event }) => event === 'response.function_call_arguments.delta').map(({ data }): string => data.delta)
      const done = events.find(({ event }) => event === 'response.function_call_arguments.done')?.data
      expect([pieces.join(''), JSON.parse(done.arguments)]).toEqual([done.arguments, { city: 'Oslo' }])
    },
  ],
  [
    'MUST',
    'a result of a call goes on',
    async (wire) => {
      const input = [
        { role: 'user', content: 'hi' },
        { type: 'function_call', call_id: 'c', name: 'weather', arguments: '{"city":"Oslo"}' },
        { type: 'function_call_output', call_id: 'c', output: 'rain' },
      ]
      expect(textOf(await respond(wire, { input, tools: [weather] }))).toContain('rain')
    },
  ],
  [
    'MUST',
    'previous_response_id continues',
    async (wire) => {
      const { id } = await respond(wire, { input: 'My name is Ann.' })
      const next = await respond(wire, { input: 'What is my name?', previous_response_id: id })
      expect([next.previous_response_id, textOf(next)]).toEqual([id, 'Your name is Ann.'])
    },
  ],
  [
    'SHOULD',
    'a stored response is read, listed and deleted',
    async (wire) => {
      const { id } = await respond(wire)
      expect((await wire.send(`${RESPONSES}/${id}`)).body.id).toBe(id)
      expect((await wire.send(`${RESPONSES}/${id}/input_items`)).body).toMatchObject({ object: 'list', data: [{ role: 'user' }] })
      expect((await wire.send(`${RESPONSES}/${id}`, undefined, { method: 'DELETE' })).body).toMatchObject({ id, deleted: true })
      expect((await wire.send(`${RESPONSES}/${id}`)).status).toBe(404)
    },
  ],
  [
    'SHOULD',
    'store false is not kept',
    async (wire) => expect((await wire.send(`${RESPONSES}/${(await respond(wire, { store: false })).id}`)).status).toBe(404),
  ],
  [
    'SHOULD',
    'text.format gives JSON',
    async (wire) => {
      const text = { format: { type: 'json_schema', name: 'place', schema: placeSchema, strict: true } }
      expect(JSON.parse(textOf(await respond(wire, { input: placeAsked, text, max_output_tokens: 60 })))).toEqual({
        city: expect.any(String),
      })
    },
  ],
  [
    'SHOULD',
    'logprobs come if they are included',
    async (wire) => {
      const { output } = await respond(wire, { include: ['message.output_text.logprobs'], top_logprobs: 1 })
      expect(output[0].content[0].logprobs[0]).toMatchObject({ logprob: expect.any(Number), top_logprobs: [{}] })
    },
  ],
  [
    'SHOULD',
    'the fields of the request come back',
    async (wire) =>
      expect(await respond(wire, { instructions: 'x', metadata: { a: 'b' }, temperature: 0.5 })).toMatchObject({
        instructions: 'x',
        metadata: { a: 'b' },
        temperature: 0.5,
      }),
  ],
  [
    'SHOULD',
    'an unknown earlier response is not found',
    (wire) => isRefused(wire, RESPONSES, { model: 'default', input: 'x', previous_response_id: 'resp_0' }, 404, 'previous_response_id'),
  ],
  ['SHOULD', 'no input is refused', (wire) => isRefused(wire, RESPONSES, { model: 'default' }, 400, 'input')],
  ['SHOULD', 'an unknown model is not found', (wire) => isRefused(wire, RESPONSES, { model: 'no-such-model', input: 'x' }, 404, 'model')],
]

export const otherOpenaiCases: readonly ConformanceCase[] = [
  [
    'MUST',
    'models are a list with ids',
    async (wire) =>
      expect((await wire.send('/v1/models')).body).toMatchObject({
        object: 'list',
        data: [{ id: expect.any(String), object: 'model', created: expect.any(Number), owned_by: expect.any(String) }],
      }),
  ],
  [
    'MUST',
    'a model is read by its id',
    async (wire) => {
      const { id } = (await wire.send('/v1/models')).body.data[0]
      expect((await wire.send(`/v1/models/${encodeURIComponent(id)}`)).body).toMatchObject({ id, object: 'model' })
    },
  ],
  [
    'MUST',
    'an unknown model is not found',
    async (wire) =>
      expect(await wire.send('/v1/models/no-such-model')).toMatchObject({ status: 404, body: { error: { code: 'model_not_found' } } }),
  ],
  [
    'SHOULD',
    'an unknown route is not found, in the shape of errors',
    async (wire) => expect(await wire.send('/v1/nothing')).toMatchObject({ status: 404, body: { error: { message: expect.any(String) } } }),
  ],
  [
    'SHOULD',
    'a wrong method is told with those that are right',
    async (wire) => {
      const { status, headers } = await wire.send('/v1/chat/completions')
      expect([status, headers.get('allow')]).toEqual([405, 'POST'])
    },
  ],
  [
    'SHOULD',
    'every answer has an x-request-id',
    async (wire) => expect((await wire.send('/v1/models')).headers.get('x-request-id')).toMatch(/./),
  ],
  [
    'MUST',
    'embeddings have one vector per text',
    async (wire) => {
      const { data, usage } = await ok(wire, '/v1/embeddings', { input: ['a', 'b'] })
      expect(data.map((entry: Json) => [entry.object, entry.index, Array.isArray(entry.embedding)])).toEqual([
        ['embedding', 0, true],
        ['embedding', 1, true],
      ])
      expect(usage).toMatchObject({ prompt_tokens: expect.any(Number), total_tokens: expect.any(Number) })
    },
  ],
  [
    'SHOULD',
    'base64 is the same vector',
    async (wire) => {
      const [floats] = (await ok(wire, '/v1/embeddings', { input: 'a' })).data
      const [coded] = (await ok(wire, '/v1/embeddings', { input: 'a', encoding_format: 'base64' })).data
      const bytes = Buffer.from(coded.embedding, 'base64')
      expect(bytes.readFloatLE(0)).toBeCloseTo(floats.embedding[0], 5)
      expect(bytes.length).toBe(floats.embedding.length * 4)
    },
  ],
  ...['/v1/audio/speech', '/v1/images/generations', '/v1/moderations', '/v1/files', '/v1/batches'].map(
    (path): ConformanceCase => [
      'SHOULD',
      `${path} is refused by name`,
      async (wire) =>
        expect(await wire.send(path, {})).toMatchObject({
          status: 400,
          body: { error: { message: expect.stringMatching(/This node does not .*\. [A-Z]/) } },
        }),
    ],
  ),
  [
    'SHOULD',
    'text sent with a type of text is read',
    async (wire) =>
      void expect(
        (
          await wire.send(
            '/v1/chat/completions',
            { model: 'default', messages: hi, max_tokens: 2 },
            { headers: { 'content-type': 'text/plain' } },
          )
        ).status,
      ).toBe(200),
  ],
]
