import { describe, expect, it } from 'vitest'
import { post } from './node/call-api.ts'
import type { RunningExo } from './node/start-exo.ts'
import { useDefaultNode } from './node/use-default-node.ts'

const schema = {
  type: 'object',
  properties: {
    city: { type: 'string', pattern: '^[A-Z][a-z]{2,12}$' },
    people: { type: 'integer', minimum: 1000, maximum: 9_999_999 },
    size: { enum: ['small', 'large'] },
  },
  required: ['city', 'people', 'size'],
  additionalProperties: false,
}
const messages = [{ role: 'user', content: 'Name any city.' }]
/** The model writes almost anything at this temperature. */
const wild = { temperature: 1.5, max_tokens: 150 }

describe('the default model, whose answers follow a schema', () => {
  let node: RunningExo
  let model: string

  useDefaultNode((started) => void ({ node, model } = started))

  it.each<[string, string, Record<string, unknown>, (body: never) => string]>([
    [
      'response_format',
      '/v1/chat/completions',
      { messages, ...wild, seed: 1, response_format: { type: 'json_schema', json_schema: { name: 'city', strict: true, schema } } },
      (body: { choices: [{ message: { content: string } }] }) => body.choices[0].message.content,
    ],
    [
      'text.format',
      '/v1/responses',
      {
        input: 'Name any city.',
        temperature: 1.5,
        max_output_tokens: 150,
        text: { format: { type: 'json_schema', name: 'city', schema } },
      },
      (body: { output: [{ content: [{ text: string }] }] }) => body.output[0].content[0].text,
    ],
    [
      'output_config.format',
      '/v1/messages',
      { messages, temperature: 1, max_tokens: 150, output_config: { format: { type: 'json_schema', schema } } },
      (body: { content: [{ text: string }] }) => body.content[0].text,
    ],
    [
      "Ollama's format",
      '/api/chat',
      { messages, stream: false, format: schema, options: { temperature: 1.5, num_predict: 150, seed: 2 } },
      (body: { message: { content: string } }) => body.message.content,
    ],
  ])('by %s', async (_, path, fields, contentOf) => {
    const { status, body } = await post(node.apiUrl, path, { model, ...fields })
    expect(status, JSON.stringify(body)).toBe(200)
    const { city, people, size } = JSON.parse(contentOf(body as never)) as { city: string; people: number; size: string }
    expect(city).toMatch(/^[A-Z][a-z]{2,12}$/)
    expect(people).toSatisfy((count: number) => Number.isInteger(count) && count >= 1000 && count <= 9_999_999)
    expect(['small', 'large']).toContain(size)
  })

  it('in several choices at once, each by its own grammar', async () => {
    const { status, body } = await post(node.apiUrl, '/v1/chat/completions', {
      model,
      messages,
      ...wild,
      n: 4,
      guided_regex: '[a-z]{3}-[0-9]{4}',
    })
    expect(status, JSON.stringify(body)).toBe(200)
    for (const { message, finish_reason: reason } of body.choices as { message: { content: string }; finish_reason: string }[])
      expect([message.content, reason]).toEqual([expect.stringMatching(/^[a-z]{3}-\d{4}$/), 'stop'])
  })

  it('says length where the limit cuts it', async () => {
    const format = { type: 'json_schema', json_schema: { name: 'city', schema } }
    const { body } = await post(node.apiUrl, '/v1/chat/completions', { model, messages, max_tokens: 3, response_format: format })
    expect(body.choices[0]).toMatchObject({ finish_reason: 'length', message: { content: expect.stringMatching(/^\{/) } })
  })
})
