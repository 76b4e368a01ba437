import { afterEach, describe, expect, it } from 'vitest'
import { sayWords } from '../__fixtures__/scripted-inference.ts'
import { startTestApi, type TestApi } from '../__fixtures__/start-test-api.ts'

/** The end of a prompt from the template of gpt-oss. */
const messages = [{ role: 'user', content: 'What is the weather in Bern?<|end|><|start|>assistant' }]
const tools = [
  { type: 'function', function: { name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } } },
]

/** Split as by its tokenizer; the token that ends an answer is not text. */
const thought = ['<|channel|>', 'analysis', '<|message|>', 'Need', ' the', ' tool', '.', '<|end|>', '<|start|>', 'assistant']
const call = [
  '<|channel|>',
  'comment',
  'ary',
  ' to',
  '=functions',
  '.get',
  '_weather',
  ' ',
  '<|constrain|>',
  'json',
  '<|message|>',
  '{"',
  'city',
  '":"',
  'B',
  'ern',
  '"}',
]
const answer = ['<|channel|>', 'final', '<|message|>', 'It', ' is', ' **', 'sunny', '**.']

let api: TestApi
afterEach(() => api.close())

const ask = async (words: readonly string[], rest = {}): Promise<any> => {
  api = await startTestApi(sayWords(words))
  const { status, body } = await api.post('/v1/chat/completions', { model: 'gpt-oss', messages, tools, ...rest })
  expect(status).toBe(200)
  return body
}

describe('what a model says in the harmony format', () => {
  it('is thought and answer', async () => {
    const {
      choices: [choice],
      usage,
    } = await ask([...thought, ...answer])
    expect(choice).toMatchObject({
      message: { role: 'assistant', content: 'It is **sunny**.', reasoning_content: 'Need the tool.' },
      finish_reason: 'stop',
    })
    expect(usage.completion_tokens).toBe(thought.length + answer.length)
  })

  it('is a tool call', async () => {
    const {
      choices: [choice],
    } = await ask([...thought, ...call])
    expect(choice).toMatchObject({
      message: {
        reasoning_content: 'Need the tool.',
        tool_calls: [{ id: expect.any(String), type: 'function', function: { name: 'get_weather', arguments: '{"city":"Bern"}' } }],
      },
      finish_reason: 'tool_calls',
    })
    expect(choice.message.content ?? '').toBe('')
  })

  it('comes as deltas of each kind, without a word of the format', async () => {
    const text: string = await ask([...thought, ...answer], { stream: true })
    const deltas = text
      .split('\n')
      .filter((line) => line.startsWith('data: {'))
      .map((line) => JSON.parse(line.slice(6)).choices[0]?.delta ?? {})
    expect(deltas.map((delta) => delta.reasoning_content ?? '').join('')).toBe('Need the tool.')
    expect(deltas.map((delta) => delta.content ?? '').join('')).toBe('It is **sunny**.')
    expect(deltas.filter((delta) => delta.content).length).toBeGreaterThan(2)
    expect(text).not.toContain('<|')
  })
})
