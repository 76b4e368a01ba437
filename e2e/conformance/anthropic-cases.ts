import { expect } from 'vitest'
import { type ConformanceCase, counting, hi, type Json, placeAsked, placeSchema, weatherSchema, type ApiWire } from './wire.ts'

const MESSAGES = '/v1/messages'
const weather = { name: 'weather', description: 'Weather', input_schema: weatherSchema }
const ask = (fields: Record<string, unknown> = {}): Record<string, unknown> => ({
  model: 'default',
  messages: hi,
  max_tokens: 16,
  ...fields,
})
const message = async (wire: ApiWire, fields: Record<string, unknown> = {}): Promise<Json> => {
  const { status, body, text } = await wire.send(MESSAGES, ask(fields))
  expect(status, text).toBe(200)
  return body
}
const refused = async (wire: ApiWire, fields: Record<string, unknown>, status: number, type: string): Promise<void> => {
  const answer = await wire.send(MESSAGES, ask(fields))
  expect([answer.status, answer.body], answer.text).toMatchObject([
    status,
    { type: 'error', error: { type, message: expect.any(String) }, request_id: answer.headers.get('request-id') },
  ])
}
const callAsked = { tools: [weather], max_tokens: 64 }
const kinds = (events: readonly { readonly event: string | null }[]): (string | null)[] =>
  events.map(({ event }) => event).filter((event, index, all) => event !== all[index - 1] && event !== 'ping')

export const anthropicCases: readonly ConformanceCase[] = [
  [
    'MUST',
    'a message has its shape',
    async (wire) =>
      expect(await message(wire)).toMatchObject({
        id: expect.stringMatching(/^msg_/),
        type: 'message',
        role: 'assistant',
        content: [{ type: 'text', text: expect.any(String) }],
        stop_reason: 'end_turn',
        stop_sequence: null,
        usage: { input_tokens: expect.any(Number), output_tokens: expect.any(Number) },
      }),
  ],
  [
    'MUST',
    'max_tokens is a stop reason',
    async (wire) =>
      expect(await message(wire, { messages: counting, max_tokens: 3 })).toMatchObject({
        stop_reason: 'max_tokens',
        usage: { output_tokens: 3 },
      }),
  ],
  [
    'MUST',
    'a stop sequence is told and left out',
    async (wire) => {
      const answer = await message(wire, { messages: counting, stop_sequences: ['zzz', 'three'] })
      expect(answer).toMatchObject({ stop_reason: 'stop_sequence', stop_sequence: 'three' })
      expect(answer.content[0].text.trimEnd()).toBe('one two')
    },
  ],
  [
    'MUST',
    'events come in the order of the reference',
    async (wire) => {
      const events = await wire.events(MESSAGES, ask({ stream: true }))
      expect(kinds(events)).toEqual([
        ...['message_start', 'content_block_start', 'content_block_delta', 'content_block_stop'],
        ...['message_delta', 'message_stop'],
      ])
      expect(events.every(({ event, data }) => event === data.type)).toBe(true)
    },
  ],
  [
    'MUST',
    'a stream begins with an empty message and ends with the reason and the usage',
    async (wire) => {
      const events = await wire.events(MESSAGES, ask({ stream: true }))
      expect(events[0]?.data.message).toMatchObject({
        role: 'assistant',
        content: [],
        stop_reason: null,
        usage: { input_tokens: expect.any(Number) },
      })
      expect(events.at(-2)?.data).toMatchObject({ delta: { stop_reason: 'end_turn' }, usage: { output_tokens: expect.any(Number) } })
    },
  ],
  [
    'MUST',
    'a call is a block with an object',
    async (wire) => {
      const answer = await message(wire, callAsked)
      expect(answer.stop_reason).toBe('tool_use')
      expect(answer.content).toEqual([{ type: 'tool_use', id: expect.any(String), name: 'weather', input: { city: 'Oslo' } }])
    },
  ],
  [
    'MUST',
    'a streamed call has its input in pieces of JSON',
    async (wire) => {
      const events = await wire.events(MESSAGES, ask({ ...callAsked, stream: true }))
      const start = events.find(({ data }) => data.content_block?.type === 'tool_use')?.data
      expect(start.content_block).toMatchObject({ name: 'weather', input: {} })
      const pieces = events.filter(({ data }) => data.index === start.index && data.delta?.type === 'input_json_delta')
      expect(JSON.parse(pieces.map(({ data }): string => data.delta.partial_json).join(''))).toEqual({ city: 'Oslo' })
    },
  ],
  [
    'MUST',
    'a result of a call goes on',
    async (wire) => {
      const messages = [
        ...hi,
        { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'weather', input: { city: 'Oslo' } }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: 'rain' }] },
      ]
      expect((await message(wire, { ...callAsked, messages })).content[0].text).toContain('rain')
    },
  ],
  [
    'MUST',
    "tool_choice 'any' and 'tool' call, and 'none' does not",
    async (wire) => {
      for (const tool_choice of [{ type: 'any' }, { type: 'tool', name: 'weather' }])
        expect((await message(wire, { ...callAsked, tool_choice })).stop_reason).toBe('tool_use')
      expect((await message(wire, { ...callAsked, tool_choice: { type: 'none' } })).stop_reason).not.toBe('tool_use')
    },
  ],
  [
    'SHOULD',
    'a prefill is continued',
    async (wire) => {
      const messages = [...hi, { role: 'assistant', content: 'Hello' }]
      expect((await message(wire, { messages })).content[0].text).not.toMatch(/^Hello/)
    },
  ],
  [
    'SHOULD',
    'output_config gives JSON',
    async (wire) => {
      const output_config = { format: { type: 'json_schema', schema: placeSchema } }
      const { content } = await message(wire, { messages: placeAsked, max_tokens: 60, output_config })
      expect(JSON.parse(content[0].text)).toEqual({ city: expect.any(String) })
    },
  ],
  [
    'MUST',
    'count_tokens is the input of the message',
    async (wire) => {
      const { body } = await wire.send(`${MESSAGES}/count_tokens`, { model: 'default', messages: hi, system: 'Be brief.' })
      const { usage } = await message(wire, { system: 'Be brief.' })
      expect(body.input_tokens).toBe(usage.input_tokens + usage.cache_read_input_tokens)
    },
  ],
  [
    'SHOULD',
    'a system in blocks, cache marks and metadata are taken',
    async (wire) => {
      const system = [{ type: 'text', text: 'x', cache_control: { type: 'ephemeral' } }]
      expect((await message(wire, { system, metadata: { user_id: 'u' }, thinking: { type: 'disabled' } })).type).toBe('message')
    },
  ],
  ['MUST', 'max_tokens is required', (wire) => refused(wire, { max_tokens: undefined }, 400, 'invalid_request_error')],
  ['MUST', 'messages are required', (wire) => refused(wire, { messages: undefined }, 400, 'invalid_request_error')],
  ['SHOULD', 'an empty list is refused', (wire) => refused(wire, { messages: [] }, 400, 'invalid_request_error')],
  ['MUST', 'an unknown model is not found', (wire) => refused(wire, { model: 'no-such-model' }, 404, 'not_found_error')],
  [
    'SHOULD',
    'an image for a text model is refused',
    (wire) =>
      refused(
        wire,
        { messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'url', url: 'https://x.test' } }] }] },
        400,
        'invalid_request_error',
      ),
  ],
  [
    'SHOULD',
    'models are listed in its shape',
    async (wire) =>
      expect((await wire.send('/v1/models', undefined, { headers: { 'anthropic-version': '2023-06-01' } })).body).toMatchObject({
        data: [{ type: 'model', id: expect.any(String), display_name: expect.any(String), created_at: expect.any(String) }],
        has_more: false,
      }),
  ],
  [
    'SHOULD',
    'batches are refused in its shape',
    async (wire) =>
      expect(await wire.send(`${MESSAGES}/batches`, { requests: [] })).toMatchObject({ status: 400, body: { type: 'error' } }),
  ],
]
