import { expect } from 'vitest'
import { type ConformanceCase, counting, hi, type Json, placeAsked, placeSchema, weatherSchema, type ApiWire } from './wire.ts'

const CHAT = '/v1/chat/completions'
const weather = { type: 'function', function: { name: 'weather', description: 'Weather', parameters: weatherSchema } }
const ask = (fields: Record<string, unknown> = {}): Record<string, unknown> => ({
  model: 'default',
  messages: hi,
  max_tokens: 8,
  ...fields,
})
const chat = async (wire: ApiWire, fields: Record<string, unknown> = {}): Promise<Json> => {
  const { status, body, text } = await wire.send(CHAT, ask(fields))
  expect(status, text).toBe(200)
  return body
}
const refused = async (wire: ApiWire, fields: Record<string, unknown>, param: string, status = 400): Promise<void> => {
  const answer = await wire.send(CHAT, ask(fields))
  expect([answer.status, answer.body], answer.text).toEqual([
    status,
    { error: { message: expect.any(String), type: 'invalid_request_error', param, code: expect.any(String) } },
  ])
}
const chunks = async (wire: ApiWire, fields: Record<string, unknown> = {}): Promise<Json[]> => {
  const events = await wire.events(CHAT, ask({ stream: true, ...fields }))
  expect(events.at(-1)?.data).toBe('[DONE]')
  return events.slice(0, -1).map(({ data }): Json => data)
}
const textOf = (all: Json[], index = 0): string =>
  all
    .flatMap((chunk): Json[] => chunk.choices)
    .filter((choice) => choice.index === index)
    .map((choice): string => choice.delta.content ?? '')
    .join('')
const callAsked = { tools: [weather], max_tokens: 64 }

export const chatCases: readonly ConformanceCase[] = [
  [
    'MUST',
    'a completion has id, object, created, model, choices and usage',
    async (wire) =>
      expect(await chat(wire)).toMatchObject({
        id: expect.stringMatching(/^chatcmpl-/),
        object: 'chat.completion',
        created: expect.any(Number),
        model: expect.any(String),
        choices: [{ index: 0, message: { role: 'assistant', content: expect.any(String) }, finish_reason: 'stop' }],
        usage: { prompt_tokens: expect.any(Number), completion_tokens: expect.any(Number), total_tokens: expect.any(Number) },
      }),
  ],
  ['MUST', 'created is in seconds', async (wire) => expect(Math.abs((await chat(wire)).created - Date.now() / 1000)).toBeLessThan(600)],
  [
    'MUST',
    'total tokens are the sum',
    async (wire) => {
      const { usage } = await chat(wire)
      expect(usage.total_tokens).toBe(usage.prompt_tokens + usage.completion_tokens)
    },
  ],
  [
    'MUST',
    'max_tokens ends with length, and no more tokens are counted',
    async (wire) =>
      expect(await chat(wire, { messages: counting, max_tokens: 3 })).toMatchObject({
        choices: [{ finish_reason: 'length' }],
        usage: { completion_tokens: 3 },
      }),
  ],
  [
    'MUST',
    'max_completion_tokens limits too',
    async (wire) =>
      expect((await chat(wire, { messages: counting, max_tokens: undefined, max_completion_tokens: 2 })).usage.completion_tokens).toBe(2),
  ],
  [
    'MUST',
    'a stop string ends the answer and is not part of it',
    async (wire) => {
      const [choice] = (await chat(wire, { messages: counting, max_tokens: 40, stop: 'three' })).choices
      expect([choice.finish_reason, choice.message.content.trimEnd()]).toEqual(['stop', 'one two'])
    },
  ],
  [
    'MUST',
    'a stop string over several tokens is found',
    async (wire) => expect((await chat(wire, { messages: counting, stop: ['o th'] })).choices[0].message.content).toBe('one tw'),
  ],
  [
    'MUST',
    'the first of several stop strings counts',
    async (wire) =>
      expect((await chat(wire, { messages: counting, stop: ['four', 'two'] })).choices[0].message.content.trimEnd()).toBe('one'),
  ],
  [
    'MUST',
    'n answers have n indices',
    async (wire) => expect((await chat(wire, { n: 3 })).choices.map((choice: Json) => choice.index)).toEqual([0, 1, 2]),
  ],
  [
    'SHOULD',
    'the usage of n answers counts all of them, and the prompt once',
    async (wire) => {
      const [one, two] = [await chat(wire, { messages: counting }), await chat(wire, { messages: counting, n: 2 })]
      expect(two.usage).toMatchObject({ prompt_tokens: one.usage.prompt_tokens, completion_tokens: 16 })
    },
  ],
  [
    'MUST',
    'chunks have one id, the role first, and a finish reason last',
    async (wire) => {
      const all = await chunks(wire)
      expect(new Set(all.map((chunk) => `${chunk.id} ${chunk.object}`)).size).toBe(1)
      expect([all[0].object, all[0].choices[0].delta.role]).toEqual(['chat.completion.chunk', 'assistant'])
      expect(all.map((chunk): Json => chunk.choices[0].finish_reason)).toEqual([...all.slice(1).map(() => null), 'stop'])
    },
  ],
  [
    'MUST',
    'a stream says what the whole answer says',
    async (wire) => expect(textOf(await chunks(wire, { seed: 1 }))).toBe((await chat(wire, { seed: 1 })).choices[0].message.content),
  ],
  [
    'MUST',
    'include_usage adds one chunk without choices',
    async (wire) => {
      const all = await chunks(wire, { stream_options: { include_usage: true } })
      expect(all.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: expect.any(Number) } })
      expect(all.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true)
    },
  ],
  ['SHOULD', 'without it no chunk has a usage', async (wire) => expect((await chunks(wire)).some((chunk) => chunk.usage)).toBe(false)],
  [
    'SHOULD',
    'a stream of n answers has them all',
    async (wire) => {
      const all = await chunks(wire, { n: 2 })
      expect([textOf(all, 0), textOf(all, 1)].map((text) => text !== '')).toEqual([true, true])
    },
  ],
  [
    'MUST',
    'logprobs have token, logprob, bytes and the most likely ones',
    async (wire) => {
      const { content } = (await chat(wire, { logprobs: true, top_logprobs: 2 })).choices[0].logprobs
      expect(content[0]).toEqual({
        token: expect.any(String),
        logprob: expect.any(Number),
        bytes: expect.any(Array),
        top_logprobs: [expect.any(Object), expect.any(Object)],
      })
      expect(content.every((token: Json) => token.logprob <= 0)).toBe(true)
    },
  ],
  [
    'SHOULD',
    'the bytes of the logprobs are those of the text',
    async (wire) => {
      const [{ message, logprobs }] = (await chat(wire, { logprobs: true })).choices
      expect(Buffer.from(logprobs.content.flatMap((token: Json) => token.bytes)).toString()).toBe(message.content)
    },
  ],
  ['MUST', 'logprobs are null where none are asked for', async (wire) => expect((await chat(wire)).choices[0].logprobs).toBeNull()],
  [
    'MUST',
    'a call has an id, a type, a name and arguments as JSON text',
    async (wire) => {
      const [choice] = (await chat(wire, callAsked)).choices
      expect([choice.finish_reason, choice.message.content]).toEqual(['tool_calls', null])
      expect(choice.message.tool_calls).toEqual([
        { id: expect.any(String), type: 'function', function: { name: 'weather', arguments: expect.any(String) } },
      ])
      expect(JSON.parse(choice.message.tool_calls[0].function.arguments)).toEqual({ city: 'Oslo' })
    },
  ],
  [
    'MUST',
    'a streamed call has its id and name once, and its arguments in pieces',
    async (wire) => {
      const all = await chunks(wire, callAsked)
      const deltas = all.flatMap((chunk): Json[] => chunk.choices[0].delta.tool_calls ?? [])
      expect(deltas.filter((delta) => delta.id !== undefined)).toHaveLength(1)
      expect(new Set(deltas.map((delta) => delta.index))).toEqual(new Set([0]))
      expect(JSON.parse(deltas.map((delta): string => delta.function.arguments ?? '').join(''))).toEqual({ city: 'Oslo' })
      expect(all.at(-1).choices[0].finish_reason).toBe('tool_calls')
    },
  ],
  [
    'MUST',
    "tool_choice 'none' calls nothing",
    async (wire) => expect((await chat(wire, { ...callAsked, tool_choice: 'none' })).choices[0].message.tool_calls).toBeUndefined(),
  ],
  [
    'MUST',
    "tool_choice 'required' and a named function call one",
    async (wire) => {
      for (const choice of ['required', { type: 'function', function: { name: 'weather' } }])
        expect((await chat(wire, { ...callAsked, tool_choice: choice })).choices[0].message.tool_calls[0].function.name).toBe('weather')
    },
  ],
  [
    'MUST',
    'a result of a call goes on',
    async (wire) => {
      const call = { id: 'c1', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } }
      const messages = [
        ...hi,
        { role: 'assistant', content: null, tool_calls: [call] },
        { role: 'tool', tool_call_id: 'c1', content: 'rain' },
      ]
      expect((await chat(wire, { ...callAsked, messages })).choices[0].message.content).toContain('rain')
    },
  ],
  [
    'MUST',
    'json_schema gives JSON of that schema',
    async (wire) => {
      const response_format = { type: 'json_schema', json_schema: { name: 'place', strict: true, schema: placeSchema } }
      const { content } = (await chat(wire, { messages: placeAsked, max_tokens: 60, response_format })).choices[0].message
      expect(JSON.parse(content)).toEqual({ city: expect.any(String) })
    },
  ],
  [
    'MUST',
    'json_object gives an object',
    async (wire) => {
      const { content } = (await chat(wire, { messages: placeAsked, max_tokens: 60, response_format: { type: 'json_object' } })).choices[0]
        .message
      expect(JSON.parse(content)).toEqual(expect.any(Object))
    },
  ],
  [
    'SHOULD',
    'the same seed gives the same answer',
    async (wire) => {
      const said = async (): Promise<string> => (await chat(wire, { seed: 7, temperature: 2, max_tokens: 12 })).choices[0].message.content
      expect(await said()).toBe(await said())
    },
  ],
  [
    'SHOULD',
    'a bias of 100 is obeyed',
    async (wire) => {
      const { body } = await wire.send('/tokenize', { model: 'default', prompt: ' from', add_special_tokens: false })
      const said = (await chat(wire, { logit_bias: { [body.tokens[0]]: 100 }, max_tokens: 3, temperature: 0 })).choices[0].message.content
      expect(said).toBe(' from from from')
    },
  ],
  ['MUST', 'no model is refused by name', (wire) => refused(wire, { model: undefined }, 'model')],
  ['MUST', 'an unknown model is not found', (wire) => refused(wire, { model: 'no-such-model' }, 'model', 404)],
  ['MUST', 'no messages are refused by name', (wire) => refused(wire, { messages: undefined }, 'messages')],
  ['MUST', 'an empty list of messages is refused', (wire) => refused(wire, { messages: [] }, 'messages')],
  ['SHOULD', 'an unknown role is refused', (wire) => refused(wire, { messages: [{ role: 'robot', content: 'x' }] }, 'messages[0].role')],
  ['SHOULD', 'a temperature below 0 is refused', (wire) => refused(wire, { temperature: -1 }, 'temperature')],
  ['SHOULD', 'a temperature in words is refused', (wire) => refused(wire, { temperature: 'hot' }, 'temperature')],
  ['SHOULD', 'a top_p above 1 is refused', (wire) => refused(wire, { top_p: 2 }, 'top_p')],
  ['SHOULD', 'n below 1 is refused', (wire) => refused(wire, { n: 0 }, 'n')],
  ['SHOULD', 'more than 20 top_logprobs are refused', (wire) => refused(wire, { logprobs: true, top_logprobs: 21 }, 'top_logprobs')],
  ['SHOULD', 'a required call without tools is refused', (wire) => refused(wire, { tool_choice: 'required' }, 'tool_choice')],
  [
    'SHOULD',
    'an image for a text model is refused by name',
    (wire) =>
      refused(
        wire,
        { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'x' } }] }] },
        'messages[0].content[0].type',
      ),
  ],
  [
    'MUST',
    'what is no JSON is refused',
    async (wire) =>
      expect(await wire.send(CHAT, '{"model":')).toMatchObject({ status: 400, body: { error: { type: 'invalid_request_error' } } }),
  ],
  [
    'SHOULD',
    'contents in parts, developer messages and names are taken',
    async (wire) => {
      const messages = [
        { role: 'developer', content: 'Be brief.' },
        { role: 'user', name: 'ann', content: [{ type: 'text', text: 'hi' }] },
      ]
      expect((await chat(wire, { messages })).choices[0].finish_reason).toBe('stop')
    },
  ],
  [
    'SHOULD',
    'unknown fields are ignored',
    async (wire) => void (await chat(wire, { store: true, metadata: { a: 'b' }, service_tier: 'auto', user: 'u', something: 1 })),
  ],
]
