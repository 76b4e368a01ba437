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
const wild = { temperature: 1.5, max_tokens: 600 }

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
        max_output_tokens: 600,
        text: { format: { type: 'json_schema', name: 'city', schema } },
      },
      (body: { output: [{ content: [{ text: string }] }] }) => body.output[0].content[0].text,
    ],
    [
      'output_config.format',
      '/v1/messages',
      { messages, temperature: 1, max_tokens: 600, output_config: { format: { type: 'json_schema', schema } } },
      (body: { content: [{ text: string }] }) => body.content[0].text,
    ],
    [
      "Ollama's format",
      '/api/chat',
      { messages, stream: false, format: schema, options: { temperature: 1.5, num_predict: 600, seed: 2 } },
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

  const parameters = {
    type: 'object',
    properties: { city: { type: 'string', pattern: '^[A-Z][a-z]{2,8}$' }, days: { type: 'integer', minimum: 1, maximum: 14 } },
    required: ['city', 'days'],
    additionalProperties: false,
  }
  const tools = ['forecast', 'history'].map((name) => ({ name, parameters }))
  const functions = tools.map((tool) => ({ type: 'function', function: tool }))
  const fits = (name: unknown, args: string): boolean => {
    const { city, days } = JSON.parse(args) as { city: string; days: number }
    return /^[A-Z][a-z]{2,8}$/.test(city) && days >= 1 && days <= 14 && ['forecast', 'history'].includes(String(name))
  }

  it.each<[string, string, Record<string, unknown>, (body: never) => [name: unknown, args: string]]>([
    [
      'required',
      '/v1/chat/completions',
      { messages, ...wild, seed: 3, tools: functions, tool_choice: 'required' },
      (body: { choices: [{ message: { tool_calls: [{ function: { name: string; arguments: string } }] } }] }) => {
        const [{ function: called }] = body.choices[0].message.tool_calls
        return [called.name, called.arguments]
      },
    ],
    [
      'one of the allowed tools',
      '/v1/responses',
      {
        input: 'Name any city.',
        temperature: 1.5,
        max_output_tokens: 600,
        tools: tools.map((tool) => ({ type: 'function', ...tool })),
        tool_choice: { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'history' }] },
      },
      (body: { output: [{ name: string; arguments: string }] }) => [body.output[0].name, body.output[0].arguments],
    ],
    [
      "Anthropic's any",
      '/v1/messages',
      {
        messages,
        temperature: 1,
        max_tokens: 600,
        tools: tools.map(({ name }) => ({ name, input_schema: parameters })),
        tool_choice: { type: 'any' },
      },
      (body: { content: [{ name: string; input: unknown }] }) => [body.content[0].name, JSON.stringify(body.content[0].input)],
    ],
  ])('calls a tool with arguments that fit its schema: %s', async (_, path, fields, calledOf) => {
    const { status, body } = await post(node.apiUrl, path, { model, ...fields })
    expect(status, JSON.stringify(body)).toBe(200)
    const [name, args] = calledOf(body as never)
    expect([fits(name, args), name, args]).toEqual([true, name, args])
  })

  it('streams a required call, and a format, while they are written', async () => {
    const format = { type: 'json_schema', json_schema: { name: 'city', schema } }
    const events = async (
      fields: object,
    ): Promise<{ delta: { content?: string; tool_calls?: [{ function: { arguments: string } }] } }[]> => {
      const { body } = await post(node.apiUrl, '/v1/chat/completions', { model, messages, ...wild, seed: 4, stream: true, ...fields })
      return String(body)
        .split('\n')
        .flatMap((line) => (line.startsWith('data: {') ? [JSON.parse(line.slice(6)).choices[0]] : []))
    }
    const pieces = (await events({ response_format: format })).map(({ delta }) => delta.content ?? '').filter((text) => text !== '')
    expect(pieces.length).toBeGreaterThan(5)
    expect(JSON.parse(pieces.join(''))).toHaveProperty('city')
    const args = (await events({ tools: functions, tool_choice: { type: 'function', function: { name: 'history' } } })).map(
      ({ delta }) => delta.tool_calls?.[0].function.arguments ?? '',
    )
    expect(args.filter((text) => text !== '').length).toBeGreaterThan(3)
    expect(fits('history', args.join(''))).toBe(true)
  })
})
