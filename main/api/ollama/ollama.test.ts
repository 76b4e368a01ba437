import { Ollama } from 'ollama'
import { afterEach, describe, expect, it } from 'vitest'
import { AppError } from '../../shared/app-error.ts'
import type { Script } from '../__fixtures__/scripted-inference.ts'
import { accepted, sayWords, waitForAbort } from '../__fixtures__/scripted-inference.ts'
import type { TestApi } from '../__fixtures__/start-test-api.ts'
import { startTestApi } from '../__fixtures__/start-test-api.ts'

const messages = [{ role: 'user', content: 'hello' }]
const tools = [
  {
    type: 'function',
    function: {
      name: 'weather',
      description: 'of a city',
      parameters: { type: 'object', properties: { city: { type: 'string', description: '' } } },
    },
  },
]
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

const start = async (script: Script = sayWords(['Par', 'is'])): Promise<Ollama> => {
  api = await startTestApi(script)
  return new Ollama({ host: `${api.url}/ollama` })
}

describe('ollama chat', () => {
  it('answers whole, with statistics in nanoseconds', async () => {
    const client = await start()
    const answer = await client.chat({
      model: 'tiny:latest',
      messages,
      options: { num_predict: 20, stop: ['x'], seed: -1, repeat_penalty: 1.2 },
    })
    expect(answer).toMatchObject({
      model: 'tiny:latest',
      message: { role: 'assistant', content: 'Paris' },
      done: true,
      done_reason: 'stop',
      total_duration: 20e6,
      prompt_eval_count: 3,
      prompt_eval_duration: 20e6,
      eval_count: 2,
      eval_duration: 40e6,
    })
    expect(api.inference.requests[0]).toMatchObject({
      model: 'tiny',
      maxTokens: 20,
      stop: ['x'],
      seed: '18446744073709551615',
      repetitionPenalty: 1.2,
      temperature: null,
      topK: null,
      topP: null,
    })
  })

  it('streams line by line, as the client reads it', async () => {
    const client = await start(sayWords(thinkSayCall))
    const lines = []
    for await (const line of await client.chat({ model: 'tiny', messages, tools, think: true, stream: true })) lines.push(line)
    expect(
      lines.map(({ message, done }) => [
        message.thinking ?? '',
        message.content,
        message.tool_calls?.[0]?.function.arguments ?? null,
        done,
      ]),
    ).toEqual([
      ['Rain?', '', null, false],
      ['', 'Let me', null, false],
      ['', ' see.', null, false],
      ['', '', { city: 'Oslo' }, false],
      ['', '', null, true],
    ])
    expect(api.inference.requests[0]?.prompt).toMatchObject({ templateVariables: { enable_thinking: true } })
  })

  it('is streamed unless asked otherwise', async () => {
    await start()
    const { headers, body } = await api.post('/ollama/api/chat', { model: 'tiny', messages })
    expect(headers.get('content-type')).toBe('application/x-ndjson')
    expect(
      (body as string)
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).done),
    ).toEqual([false, false, true])
  })

  it('joins results to calls, which have no ids here', async () => {
    const client = await start()
    const calls = ['Oslo', 'Rome'].map((city) => ({ function: { name: 'weather', arguments: { city } } }))
    const results = ['rain', 'sun'].map((content) => ({ role: 'tool', tool_name: 'weather', content }))
    await client.chat({ model: 'tiny', messages: [...messages, { role: 'assistant', content: '', tool_calls: calls }, ...results] })
    expect(api.inference.requests[0]?.prompt).toMatchObject({
      messages: [
        { role: 'user' },
        {
          role: 'assistant',
          toolCalls: [
            { id: 'call00001', argumentsJson: '{"city":"Oslo"}' },
            { id: 'call00002', argumentsJson: '{"city":"Rome"}' },
          ],
        },
        { role: 'tool', content: 'rain', toolCallId: 'call00001' },
        { role: 'tool', content: 'sun', toolCallId: 'call00002' },
      ],
    })
  })

  it('fails as the client expects, before and in the middle', async () => {
    const failing = (words: number): Script =>
      async function* (request) {
        yield accepted(request)
        if (words > 0) yield { type: 'text-delta', choiceIndex: 0, text: 'so', tokens: [] }
        throw new AppError('model-not-found', "There is no model 'x'.")
      }
    const client = await start(failing(0))
    await expect(client.chat({ model: 'x', messages, stream: true })).rejects.toMatchObject({
      message: "There is no model 'x'.",
      status_code: 404,
    })
    await api.close()
    const other = await start(failing(1))
    const read = async (): Promise<void> => {
      for await (const line of await other.chat({ model: 'x', messages, stream: true })) void line
    }
    await expect(read()).rejects.toThrow("There is no model 'x'.")
  })

  it('frees its slot when the client leaves', async () => {
    await start(waitForAbort)
    const leaving = new AbortController()
    const pending = fetch(`${api.url}/ollama/api/chat`, {
      method: 'POST',
      body: JSON.stringify({ model: 'tiny', messages }),
      signal: leaving.signal,
    })
    await expect.poll(() => api.inference.open.size).toBe(1)
    leaving.abort()
    await expect(pending).rejects.toThrow('abort')
    await expect.poll(() => api.inference.open.size).toBe(0)
  })

  it.each([
    ['a format that is none', { format: 'xml' }],
    ['an image', { messages: [{ ...messages[0], images: ['x'] }] }],
    ['text for a temperature', { options: { temperature: 'hot' } }],
  ])('refuses %s', async (_, fields) => {
    await start()
    const { status, body } = await api.post('/ollama/api/chat', { model: 'tiny', messages, ...fields })
    expect([status, body]).toEqual([400, { error: expect.stringMatching(/\w{3,}/) }])
  })
})

describe('ollama generate', () => {
  it('puts the prompt into the chat template, unless raw', async () => {
    const client = await start()
    expect(await client.generate({ model: 'tiny', prompt: 'hello', system: 'Be brief.' })).toMatchObject({
      response: 'Paris',
      done: true,
      done_reason: 'stop',
    })
    await client.generate({ model: 'tiny', prompt: 'hello', raw: true })
    expect(api.inference.requests.map(({ prompt }) => prompt)).toMatchObject([
      {
        kind: 'messages',
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'hello' },
        ],
      },
      { kind: 'text', text: 'hello' },
    ])
  })

  it('loads a model where there is no prompt', async () => {
    const client = await start()
    expect(await client.generate({ model: 'org/tiny', prompt: '' })).toMatchObject({ response: '', done: true, done_reason: 'load' })
    expect((await api.post('/ollama/api/generate', { model: 'none' })).status).toBe(404)
  })
})

describe('ollama logprobs', () => {
  it('are told whole and with each line of a stream', async () => {
    const client = await start()
    const whole = await api.post('/api/generate', { model: 'tiny', prompt: 'hello', stream: false, logprobs: true, top_logprobs: 2 })
    const first = {
      token: 'Par',
      logprob: -0.25,
      bytes: [80, 97, 114],
      top_logprobs: [
        { token: 'Par', logprob: -0.25, bytes: [80, 97, 114] },
        { token: '?', logprob: -1.25, bytes: [63] },
      ],
    }
    expect(whole.body.logprobs).toMatchObject([first, { token: 'is' }])
    expect(api.inference.requests[0]).toMatchObject({ topLogprobs: 2 })
    const lines = []
    for await (const line of await client.chat({ model: 'tiny', messages, stream: true, logprobs: true })) lines.push(line)
    expect(lines.flatMap(({ logprobs }) => logprobs ?? []).map(({ token }) => token)).toEqual(['Par', 'is'])
    expect(JSON.stringify((await api.post('/api/chat', { model: 'tiny', messages, stream: false })).body)).not.toContain('logprobs')
  })
})

describe('ollama context', () => {
  it('goes from one answer into the next prompt', async () => {
    const client = await start()
    const { context } = await client.generate({ model: 'tiny', prompt: 'he' })
    expect(context).toEqual([0, 1, 10, 11])
    await client.generate({ model: 'tiny', prompt: 'more', context })
    expect(api.inference.requests[1]?.prompt).toMatchObject({ kind: 'messages', precedingTokenIds: [0, 1, 10, 11] })
    expect((await api.post('/api/generate', { model: 'tiny', prompt: 'x', context: ['a'] })).status).toBe(400)
  })
})

describe('ollama limits', () => {
  it.each([-2, -1, 0])('num_predict %s is the end of the context', async (limit) => {
    const client = await start()
    expect((await client.generate({ model: 'tiny', prompt: 'he', options: { num_predict: limit } })).response).toBe('Paris')
    expect(api.inference.requests[0]).toMatchObject({ maxTokens: null })
  })
})

describe('ollama models', () => {
  it('are listed and shown', async () => {
    const client = await start()
    expect((await client.list()).models.map(({ name, size, details }) => [name, size, details.family])).toEqual([
      ['org/tiny', 1000, 'llama'],
      ['/models/other', 0, ''],
    ])
    expect((await client.ps()).models.map(({ name }) => name)).toEqual(['org/tiny'])
    expect(await client.show({ model: 'tiny' })).toMatchObject({
      details: { format: 'mlx' },
      model_info: { 'general.architecture': 'llama', 'llama.context_length': 2048 },
    })
    await expect(client.show({ model: 'none' })).rejects.toMatchObject({ status_code: 404 })
    expect(await (await fetch(`${api.url}/ollama/api/version`)).json()).toEqual({
      version: expect.stringMatching(/^0\.(1[3-9]|[2-9]\d)\.\d+$/),
    })
    expect(await (await fetch(`${api.url}/ollama/`)).text()).toBe('Ollama is running')
  })

  it('answers clients at the root as Ollama does, and sends a browser to the dashboard', async () => {
    await start()
    const root = (accept: string) => fetch(`${api.url}/`, { headers: { accept }, redirect: 'manual' })
    expect(await (await root('*/*')).text()).toBe('Ollama is running')
    const page = await root('text/html,application/xhtml+xml,*/*;q=0.8')
    expect([page.status, page.headers.get('location')]).toEqual([302, '/dashboard'])
  })
})
