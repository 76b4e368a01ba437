import OpenAI from 'openai'
import { afterEach, describe, expect, it } from 'vitest'
import { AppError } from '../../shared/app-error.ts'
import { ChatCompletionChunk } from '../../shared/wire/api/openai.ts'
import { ManualClock } from '../../platform/__fixtures__/manual-clock.ts'
import type { Script } from '../__fixtures__/scripted-inference.ts'
import { accepted, sayWords, textToken } from '../__fixtures__/scripted-inference.ts'
import type { TestApi } from '../__fixtures__/start-test-api.ts'
import { startTestApi } from '../__fixtures__/start-test-api.ts'

const PATH = '/v1/chat/completions'
const messages = [{ role: 'user' as const, content: 'hello' }]

let api: TestApi
afterEach(() => api.close())

const start = async (script: Script = sayWords(['Par', 'is', '.']), options = {}): Promise<OpenAI> => {
  api = await startTestApi(script, options)
  return new OpenAI({ baseURL: `${api.url}/v1`, apiKey: 'none', maxRetries: 0 })
}

describe('chat completions, whole', () => {
  it('answer with text, usage and timings', async () => {
    await start()
    const { status, body } = await api.post(PATH, { model: 'tiny', messages })
    expect(status).toBe(200)
    expect(body).toEqual({
      id: expect.stringMatching(/^chatcmpl-[0-9a-f]{32}$/),
      object: 'chat.completion',
      created: expect.any(Number),
      model: 'org/tiny',
      system_fingerprint: 'exo-0.0.0',
      choices: [{ index: 0, message: { role: 'assistant', content: 'Paris.', refusal: null }, logprobs: null, finish_reason: 'stop' }],
      usage: {
        prompt_tokens: 3,
        completion_tokens: 3,
        total_tokens: 6,
        prompt_tokens_details: { cached_tokens: 1 },
        completion_tokens_details: { reasoning_tokens: 0 },
      },
      timings: {
        ...{ ttft_ms: 5, queue_ms: 1, prefill_tokens_per_second: 100, decode_tokens_per_second: 50, total_ms: 20 },
        ...{ cache_n: 1, prompt_n: 2, prompt_ms: 5, prompt_per_token_ms: 2.5, prompt_per_second: 100 },
        ...{ predicted_n: 3, predicted_ms: 15, predicted_per_token_ms: 5, predicted_per_second: 50 },
      },
    })
  })

  it('ask the router with OpenAI’s defaults', async () => {
    await start()
    await api.post(PATH, {
      model: 'tiny',
      messages: [
        {
          role: 'developer',
          content: [
            { type: 'text', text: 'a' },
            { type: 'text', text: 'b' },
          ],
        },
        ...messages,
      ],
    })
    expect(api.inference.requests).toEqual([
      {
        requestId: expect.stringMatching(/^chatcmpl-/),
        model: 'tiny',
        prompt: {
          kind: 'messages',
          messages: [
            { role: 'system', content: 'ab' },
            { role: 'user', content: 'hello' },
          ],
          tools: [],
          templateVariables: {},
        },
        maxTokens: null,
        stop: [],
        seed: null,
        choices: 1,
        temperature: null,
        topP: null,
        topK: null,
        minP: null,
        repetitionPenalty: null,
        presencePenalty: 0,
        frequencyPenalty: 0,
        logitBias: [],
        topLogprobs: null,
        promptLogprobs: false,
        ignoreEos: false,
      },
    ])
  })

  it('pass every setting on', async () => {
    await start()
    const { status } = await api.post(PATH, {
      model: 'tiny',
      messages,
      max_tokens: 9,
      max_completion_tokens: 2,
      stop: ['a', 'b', 'c', 'd', 'e'],
      seed: -1,
      n: 2,
      temperature: 0,
      top_p: 0.5,
      top_k: 40,
      min_p: 0.1,
      repetition_penalty: 1.1,
      presence_penalty: -1,
      frequency_penalty: 2,
      logit_bias: { 5: -100 },
      logprobs: true,
      top_logprobs: 3,
      ignore_eos: true,
      chat_template_kwargs: { mood: 'kind' },
      reasoning_effort: 'none',
      user: 'me',
      metadata: { a: 'b' },
      store: false,
      response_format: { type: 'text' },
      unknown_field: 1,
    })
    expect(status).toBe(200)
    expect(api.inference.requests[0]).toMatchObject({
      maxTokens: 2,
      stop: ['a', 'b', 'c', 'd', 'e'],
      seed: '18446744073709551615',
      choices: 2,
      temperature: 0,
      topP: 0.5,
      topK: 40,
      minP: 0.1,
      repetitionPenalty: 1.1,
      presencePenalty: -1,
      frequencyPenalty: 2,
      logitBias: [[5, -100]],
      topLogprobs: 3,
      ignoreEos: true,
      prompt: { templateVariables: { mood: 'kind', enable_thinking: false, reasoning_effort: 'none' } },
    })
  })

  it('keep all digits of a seed', async () => {
    await start()
    const seeds = ['9223372036854775807', '-9223372036854775808', '18446744073709551615', '42']
    for (const seed of seeds)
      await api.post(PATH, `{"model":"tiny","messages":[{"role":"user","content":"say \\"seed\\": 12345678901234567890"}],"seed": ${seed}}`)
    expect(api.inference.requests.map((request) => request.seed)).toEqual([
      '9223372036854775807',
      '9223372036854775808',
      '18446744073709551615',
      '42',
    ])
    expect(api.inference.requests[0]?.prompt).toMatchObject({ messages: [{ content: 'say "seed": 12345678901234567890' }] })
  })

  it('give logprobs, token ids and every choice', async () => {
    await start(sayWords(['é']))
    const { body } = await api.post(PATH, { model: 'tiny', messages, n: 2, logprobs: true, top_logprobs: 2, return_token_ids: true })
    const probability = { token: 'é', logprob: -0.25, bytes: [195, 169] }
    expect(body.prompt_token_ids).toEqual([0, 1, 2, 3, 4])
    expect(body.choices.map((choice: { index: number }) => choice.index)).toEqual([0, 1])
    expect(body.choices[1]).toMatchObject({
      token_ids: [10],
      logprobs: { content: [{ ...probability, top_logprobs: [probability, { token: '?', logprob: -1.25, bytes: [63] }] }], refusal: null },
    })
  })

  it('put tools and earlier tool calls into the prompt', async () => {
    await start()
    const tools = [{ type: 'function', function: { name: 'weather', description: 'of a city', parameters: { type: 'object' } } }]
    const call = { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } }
    const conversation = [
      ...messages,
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'call_1', content: 'rain' },
    ]
    await api.post(PATH, { model: 'tiny', messages: conversation, tools })
    await api.post(PATH, { model: 'tiny', messages, tools, tool_choice: 'none' })
    expect(api.inference.requests.map(({ prompt }) => prompt)).toEqual([
      {
        kind: 'messages',
        messages: [
          { role: 'user', content: 'hello' },
          { role: 'assistant', content: '', toolCalls: [{ id: 'call_1', name: 'weather', argumentsJson: '{"city":"Oslo"}' }] },
          { role: 'tool', content: 'rain', toolCallId: 'call_1' },
        ],
        tools: [{ name: 'weather', description: 'of a city', parameters: { type: 'object' } }],
        templateVariables: {},
      },
      { kind: 'messages', messages: [{ role: 'user', content: 'hello' }], tools: [], templateVariables: {} },
    ])
  })
})

describe('chat completions, streamed', () => {
  it('are what the openai client reads', async () => {
    const client = await start()
    const stream = await client.chat.completions.create({ model: 'tiny', messages, stream: true, stream_options: { include_usage: true } })
    const chunks = []
    for await (const chunk of stream) chunks.push(chunk)
    for (const chunk of chunks) expect(() => ChatCompletionChunk.parse(chunk)).not.toThrow()
    expect(chunks.map((chunk) => chunk.choices.map((choice) => [choice.delta, choice.finish_reason]))).toEqual([
      [[{ role: 'assistant', content: '' }, null]],
      [[{ content: 'Par' }, null]],
      [[{ content: 'is' }, null]],
      [[{ content: '.' }, null]],
      [[{}, 'stop']],
      [],
    ])
    expect(chunks.map((chunk) => chunk.usage?.total_tokens ?? null)).toEqual([null, null, null, null, null, 6])
    expect(new Set(chunks.map((chunk) => chunk.id)).size).toBe(1)
  })

  it('carry prefill progress as comments and end with [DONE]', async () => {
    await start(sayWords(['a']))
    const { headers, body } = await api.post(PATH, { model: 'tiny', messages, stream: true })
    expect(headers.get('content-type')).toContain('text/event-stream')
    expect(body).toContain(': prefill_progress 1/2\n\n')
    expect(body.endsWith('data: [DONE]\n\n')).toBe(true)
    expect(body).not.toContain('usage')
  })

  it('keep each choice’s logprobs and token ids with its text, also while text is held back', async () => {
    const client = await start(async function* (request) {
      yield accepted(request)
      yield { type: 'text-delta', choiceIndex: 0, text: '', tokens: [textToken('<', 1, -1)] }
      yield { type: 'text-delta', choiceIndex: 0, text: '<p', tokens: [textToken('p', 2, -2)] }
      yield { type: 'choice-end', choiceIndex: 0, finishReason: 'length', stopString: null, completionTokens: 2 }
    })
    const stream = await client.chat.completions.create({
      model: 'tiny',
      messages,
      stream: true,
      logprobs: true,
      ...{ return_token_ids: true },
    })
    const said = []
    for await (const { choices } of stream)
      said.push(
        ...choices.map((choice) => [
          choice.delta.content,
          choice.logprobs?.content?.map((entry) => entry.logprob),
          (choice as { token_ids?: number[] }).token_ids,
        ]),
      )
    expect(said).toEqual([
      ['', undefined, []],
      ['', [-1], [1]],
      ['<p', [-2], [2]],
      [undefined, undefined, []],
    ])
  })

  it('answer a failure before the first token with its status', async () => {
    const client = await start(async function* (request) {
      yield accepted(request)
      throw new AppError('engine-busy', 'All places are taken.', { retryAfterMs: 2500 })
    })
    const error = await client.chat.completions.create({ model: 'tiny', messages, stream: true }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(OpenAI.RateLimitError)
    expect(error).toMatchObject({ status: 429, code: 'engine_busy', type: 'rate_limit_error' })
    expect((error as { headers: Headers }).headers.get('retry-after')).toBe('3')
  })

  it('say a later failure in the stream, and no [DONE]', async () => {
    await start(async function* (request) {
      yield accepted(request)
      yield { type: 'text-delta', choiceIndex: 0, text: 'so', tokens: [] }
      throw new AppError('instance-failed', 'The worker died.')
    })
    const { status, body } = await api.post(PATH, { model: 'tiny', messages, stream: true })
    expect(status).toBe(200)
    expect(
      body.endsWith('data: {"error":{"message":"The worker died.","type":"server_error","param":null,"code":"instance_failed"}}\n\n'),
    ).toBe(true)
    expect(body).not.toContain('[DONE]')
  })

  it('make the openai client throw what failed', async () => {
    const client = await start(async function* (request) {
      yield accepted(request)
      yield { type: 'text-delta', choiceIndex: 0, text: 'so', tokens: [] }
      throw new AppError('instance-failed', 'The worker died.')
    })
    const stream = await client.chat.completions.create({ model: 'tiny', messages, stream: true })
    const read = async (): Promise<void> => {
      for await (const chunk of stream) void chunk
    }
    await expect(read()).rejects.toMatchObject({ code: 'instance_failed' })
  })

  it.each([
    [2999, 400, /^\{"error":\{"message":"tiny is cut short/],
    [4000, 200, /^(: keep-alive\n\n)+data: \{"error":/],
  ])('after a load of %i ms, the failure has the status %i', async (waitMs, expected, start) => {
    let load = (): void => undefined
    const loaded = new Promise<void>((resolve) => (load = resolve))
    const clock = new ManualClock()
    api = await startTestApi(
      async function* (request) {
        await loaded
        yield accepted(request)
        throw new AppError('model-damaged', `${request.model} is cut short.`)
      },
      { keepAliveMs: 1000 },
      {},
      {},
      clock,
    )
    const answer = api.post(PATH, { model: 'tiny', messages, stream: true })
    await expect.poll(() => api.inference.open.size, { timeout: 15_000 }).toBe(1)
    await clock.advance(waitMs)
    load()
    const { status, body } = await answer
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    expect([status, text]).toEqual([expected, expect.stringMatching(start)])
    expect(text).toContain('"code":"model_damaged"')
  })

  it('end when cancelled by id, with what there is', async () => {
    let cancel = (): void => undefined
    const cancelled = new Promise<void>((resolve) => (cancel = resolve))
    const client = await start(async function* (request) {
      yield accepted(request)
      yield { type: 'text-delta', choiceIndex: 0, text: 'so', tokens: [] }
      await cancelled
      yield { type: 'choice-end', choiceIndex: 0, finishReason: 'cancelled', stopString: null, completionTokens: 1 }
    })
    api.inference.cancel = (requestId) => {
      if (api.inference.open.has(requestId)) cancel()
      return true
    }
    const stream = await client.chat.completions.create({ model: 'tiny', messages, stream: true })
    let last: string | null = null
    for await (const chunk of stream) {
      last = chunk.choices[0]?.finish_reason ?? null
      if (chunk.choices[0]?.delta.content === 'so')
        expect((await api.post(`/v1/cancel/${chunk.id}`, {})).body).toEqual({ id: chunk.id, cancelled: true })
    }
    expect(last).toBe('cancelled')
  })
})

describe('thoughts and calls', () => {
  const tools = [
    { type: 'function' as const, function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } } },
  ]
  const call = '<tool_call>{"name": "weather", "arguments": {"city": "Oslo"}}</tool_call>'
  const words = ['<th', 'ink>', 'Rain', '?', '</think>', '\n\nLet me see. ', call.slice(0, 20), call.slice(20), '\n', call]

  it('come apart in a whole answer', async () => {
    await start(sayWords(words))
    const { body } = await api.post(PATH, { model: 'tiny', messages, tools })
    const [first, second] = body.choices[0].message.tool_calls
    expect(body.choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: { content: 'Let me see.', reasoning_content: 'Rain?', reasoning: 'Rain?' },
    })
    expect([first.function, second.function]).toEqual(Array(2).fill({ name: 'weather', arguments: '{"city":"Oslo"}' }))
    expect([first.id, second.id]).toEqual([expect.stringMatching(/^[a-z\d]{9}$/), expect.not.stringMatching(first.id)])
  })

  it('stay together where no tools were given, and one call is enough where one was asked for', async () => {
    await start(sayWords([call, call]))
    expect((await api.post(PATH, { model: 'tiny', messages })).body.choices[0]).toMatchObject({
      finish_reason: 'stop',
      message: { content: call + call },
    })
    expect(
      (await api.post(PATH, { model: 'tiny', messages, tools, parallel_tool_calls: false })).body.choices[0].message.tool_calls,
    ).toHaveLength(1)
  })

  it('stream as the openai client joins them', async () => {
    const client = await start(sayWords(words))
    const runner = client.chat.completions.stream({ model: 'tiny', messages, tools })
    let reasoning = ''
    runner.on('chunk', (chunk) => (reasoning += (chunk.choices[0]?.delta as { reasoning_content?: string })?.reasoning_content ?? ''))
    const { choices } = await runner.finalChatCompletion()
    expect(reasoning).toBe('Rain?')
    expect(choices[0]?.finish_reason).toBe('tool_calls')
    expect(choices[0]?.message.content).toBe('Let me see.')
    expect(choices[0]?.message.tool_calls?.map((made) => made.type === 'function' && made.function.arguments)).toEqual([
      '{"city":"Oslo"}',
      '{"city":"Oslo"}',
    ])
  })
})
