import { expect } from 'vitest'
import { type ConformanceCase, counting, hi, type Json, placeAsked, placeSchema, weatherSchema, type ApiWire } from './wire.ts'

const weather = { type: 'function', function: { name: 'weather', description: 'Weather', parameters: weatherSchema } }
const chatted = { model: 'default', messages: hi, options: { num_predict: 16 } }
const whole = async (wire: ApiWire, path: string, fields: Record<string, unknown>): Promise<Json> => {
  const { status, body, text } = await wire.send(path, { model: 'default', stream: false, ...fields })
  expect(status, text).toBe(200)
  return body
}
const chat = (wire: ApiWire, fields: Record<string, unknown> = {}): Promise<Json> => whole(wire, '/api/chat', { messages: hi, ...fields })
const figures = {
  total_duration: expect.any(Number),
  load_duration: expect.any(Number),
  prompt_eval_count: expect.any(Number),
  prompt_eval_duration: expect.any(Number),
  eval_count: expect.any(Number),
  eval_duration: expect.any(Number),
}
const refused = async (wire: ApiWire, path: string, body: unknown, status: number): Promise<void> => {
  const answer = await wire.send(path, body)
  expect([answer.status, answer.body], answer.text).toEqual([status, { error: expect.any(String) }])
}

export const ollamaCases: readonly ConformanceCase[] = [
  [
    'MUST',
    'a chat streams lines of JSON, and the last has the figures',
    async (wire) => {
      const lines = await wire.lines('/api/chat', chatted)
      expect(lines.slice(0, -1).every((line) => line.done === false && line.message.role === 'assistant')).toBe(true)
      expect(lines.at(-1)).toMatchObject({
        model: expect.any(String),
        created_at: expect.any(String),
        done: true,
        done_reason: 'stop',
        ...figures,
      })
    },
  ],
  [
    'MUST',
    'a whole chat has the message and the figures',
    async (wire) =>
      expect(await chat(wire)).toMatchObject({
        message: { role: 'assistant', content: expect.any(String) },
        done: true,
        done_reason: 'stop',
        ...figures,
      }),
  ],
  [
    'MUST',
    'generate streams its text',
    async (wire) => {
      const lines = await wire.lines('/api/generate', { model: 'default', prompt: 'hi', options: { num_predict: 8 } })
      expect([lines.every((line) => typeof line.response === 'string'), lines.at(-1).done]).toEqual([true, true])
    },
  ],
  [
    'SHOULD',
    'generate gives a context',
    async (wire) => expect((await whole(wire, '/api/generate', { prompt: 'hi' })).context).toEqual(expect.any(Array)),
  ],
  [
    'MUST',
    'num_predict is a limit',
    async (wire) =>
      expect(await chat(wire, { messages: counting, options: { num_predict: 3 } })).toMatchObject({ done_reason: 'length', eval_count: 3 }),
  ],
  [
    'MUST',
    'options.stop ends the answer',
    async (wire) =>
      expect((await chat(wire, { messages: counting, options: { stop: ['three'] } })).message.content.trimEnd()).toBe('one two'),
  ],
  [
    'MUST',
    'a call has its arguments as an object',
    async (wire) =>
      expect((await chat(wire, { tools: [weather] })).message.tool_calls).toMatchObject([
        { function: { name: 'weather', arguments: { city: 'Oslo' } } },
      ]),
  ],
  [
    'SHOULD',
    'a streamed call comes whole',
    async (wire) => {
      const lines = await wire.lines('/api/chat', { model: 'default', messages: hi, tools: [weather] })
      expect(lines.flatMap((line): Json[] => line.message.tool_calls ?? [])).toMatchObject([{ function: { arguments: { city: 'Oslo' } } }])
    },
  ],
  [
    'MUST',
    'format is a schema or json',
    async (wire) => {
      for (const format of ['json', placeSchema])
        expect(JSON.parse((await chat(wire, { messages: placeAsked, format, options: { num_predict: 60 } })).message.content)).toEqual(
          expect.any(Object),
        )
    },
  ],
  [
    'MUST',
    'tags list the models',
    async (wire) =>
      expect((await wire.send('/api/tags')).body.models[0]).toMatchObject({
        name: expect.any(String),
        model: expect.any(String),
        modified_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        size: expect.any(Number),
        digest: expect.any(String),
        details: { format: expect.any(String), family: expect.any(String), parameter_size: expect.any(String) },
      }),
  ],
  [
    'MUST',
    'show describes one',
    async (wire) =>
      expect((await wire.send('/api/show', { model: 'default' })).body).toMatchObject({
        template: expect.any(String),
        details: {},
        model_info: { 'general.architecture': expect.any(String) },
        capabilities: expect.arrayContaining(['completion']),
      }),
  ],
  [
    'SHOULD',
    'ps lists what is loaded',
    async (wire) =>
      expect((await wire.send('/api/ps')).body.models[0]).toMatchObject({ expires_at: expect.any(String), size_vram: expect.any(Number) }),
  ],
  ['MUST', 'version is a version', async (wire) => expect((await wire.send('/api/version')).body.version).toMatch(/^\d+\.\d+\.\d+$/)],
  [
    'SHOULD',
    'embed has one vector per text',
    async (wire) => expect((await wire.send('/api/embed', { model: 'default', input: ['a', 'b'] })).body.embeddings).toHaveLength(2),
  ],
  [
    'SHOULD',
    'embeddings has one vector',
    async (wire) =>
      expect((await wire.send('/api/embeddings', { model: 'default', prompt: 'a' })).body.embedding).toEqual(expect.any(Array)),
  ],
  [
    'SHOULD',
    'an empty chat loads the model',
    async (wire) => expect(await chat(wire, { messages: [] })).toMatchObject({ done: true, done_reason: 'load' }),
  ],
  ['MUST', 'an unknown model is not found', (wire) => refused(wire, '/api/chat', { model: 'no-such-model', messages: hi }, 404)],
  ['MUST', 'no model is refused', (wire) => refused(wire, '/api/generate', { prompt: 'x' }, 400)],
  [
    'SHOULD',
    'an unknown digest is not found',
    async (wire) => expect((await wire.send(`/api/blobs/sha256:${'0'.repeat(64)}`, undefined, { method: 'HEAD' })).status).toBe(404),
  ],
  ['SHOULD', 'the root says that it runs', async (wire) => expect((await wire.send('/')).text).toBe('Ollama is running')],
]
