import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sayWords, textToken, accepted, inferenceEnd } from '../__fixtures__/scripted-inference.ts'
import { startTestApi, type TestApi } from '../__fixtures__/start-test-api.ts'

const CHAT = '/v1/chat/completions'
const TEXT = '/v1/completions'
const hi = [{ role: 'user', content: 'hi' }]

let api: TestApi
beforeEach(async () => {
  api = await startTestApi(sayWords(['fine']))
})
afterEach(() => api.close())

const asked = async (path: string, fields: Record<string, unknown>): Promise<Record<string, unknown>> => {
  const { status, body } = await api.post(path, { model: 'tiny', ...fields })
  expect([status, status === 200 ? '' : JSON.stringify(body)]).toEqual([200, ''])
  return api.inference.requests.at(-1) as unknown as Record<string, unknown>
}

describe('what vLLM takes of single tokens', () => {
  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['stop_token_ids', { stop_token_ids: [7, 9] }, { stopTokenIds: [7, 9] }],
    ['min_tokens', { min_tokens: 5 }, { minTokens: 5 }],
    ['allowed_token_ids', { allowed_token_ids: [1, 2] }, { allowedTokenIds: [1, 2] }],
    ['bad_words', { bad_words: ['one', ' '] }, { badWords: ['one'] }],
    ['include_stop_str_in_output', { include_stop_str_in_output: true }, { showsStop: true }],
    ['skip_special_tokens', { skip_special_tokens: false }, { showsSpecialTokens: true }],
    ['truncate_prompt_tokens', { truncate_prompt_tokens: -1 }, { lastPromptTokens: -1 }],
  ])('%s reaches the router from chats, texts and Responses', async (_, fields, tokenRules) => {
    expect(await asked(CHAT, { messages: hi, ...fields })).toMatchObject({ tokenRules })
    expect(await asked(TEXT, { prompt: 'hi', ...fields })).toMatchObject({ tokenRules })
    expect(await asked('/v1/responses', { input: 'hi', ...fields })).toMatchObject({ tokenRules })
  })

  it('asks for nothing where its values are neutral', async () => {
    const neutral = {
      stop_token_ids: [],
      min_tokens: 0,
      allowed_token_ids: [],
      bad_words: [''],
      include_stop_str_in_output: false,
      skip_special_tokens: true,
      truncate_prompt_tokens: null,
      length_penalty: 1.2,
      use_beam_search: false,
      spaces_between_special_tokens: true,
    }
    expect(await asked(CHAT, { messages: hi, ...neutral })).not.toHaveProperty('tokenRules')
    expect(await asked(TEXT, { prompt: 'hi', ...neutral, best_of: 1, echo: false })).not.toHaveProperty('tokenRules')
  })

  it('takes samplers that this node has not as the suggestions that they are', async () => {
    const samplers = {
      mirostat: 2,
      mirostat_tau: 5,
      typical_p: 0.9,
      tfs_z: 0.5,
      dry_multiplier: 0.8,
      xtc_probability: 0.5,
      dynatemp_range: 1,
    }
    await asked(CHAT, { messages: hi, ...samplers })
    await asked('/api/chat', { messages: hi, stream: false, options: samplers })
  })
})

describe('best_of', () => {
  const LOGPROBS = [-3, -1, -2]
  const choices = async (fields: Record<string, unknown>): Promise<{ status: number; body: never }> => {
    await api.close()
    api = await startTestApi(async function* (request) {
      yield accepted(request)
      for (let choiceIndex = 0; choiceIndex < request.choices; choiceIndex += 1) {
        yield {
          type: 'text-delta',
          choiceIndex,
          text: `text ${choiceIndex}`,
          tokens: [textToken(`text ${choiceIndex}`, 1, LOGPROBS[choiceIndex] ?? 0)],
        }
        yield { type: 'choice-end', choiceIndex, finishReason: 'stop', stopString: null, completionTokens: 1 }
      }
      yield inferenceEnd(1, request.choices)
    })
    return (await api.post(TEXT, { model: 'tiny', prompt: ['a', 'b'], ...fields })) as never
  }

  it('gives the likeliest of so many, streamed or not, of each prompt', async () => {
    const { body } = (await choices({ n: 2, best_of: 3 })) as { body: { choices: { index: number; text: string; logprobs: unknown }[] } }
    expect(body.choices.map(({ index, text, logprobs }) => [index, text, logprobs])).toEqual([
      [0, 'text 1', null],
      [1, 'text 2', null],
      [2, 'text 1', null],
      [3, 'text 2', null],
    ])
    expect(api.inference.requests[0]).toMatchObject({ choices: 3, topLogprobs: 0 })
    const { body: stream } = await choices({ best_of: 3, stream: true })
    expect(String(stream).match(/text \d/g)).toEqual(['text 1', 'text 1'])
  })

  it('is refused below n, by name', async () => {
    const { status, body } = (await choices({ n: 2, best_of: 1 })) as { status: number; body: { error: { param: string } } }
    expect([status, body.error.param]).toEqual([400, 'best_of'])
  })
})

describe('an answer that the client begins', () => {
  const begun = [...hi, { role: 'assistant', content: 'The sky is ' }]
  const start = { messages: [{ role: 'user', content: 'hi' }], answerStart: { kind: 'text', text: 'The sky is', afterThinking: true } }

  it.each<[string, string, Record<string, unknown>]>([
    ['a chat', CHAT, { messages: begun }],
    ['a chat that says so', CHAT, { messages: begun, continue_final_message: true, add_generation_prompt: false }],
    ['Ollama', '/api/chat', { messages: begun, stream: false }],
    ['Anthropic', '/v1/messages', { messages: begun, max_tokens: 9 }],
  ])('is gone on with: %s', async (_, path, fields) => {
    const { prompt } = await asked(path, fields)
    expect(prompt).toMatchObject(start)
    expect((prompt as { messages: unknown[] }).messages).toHaveLength(1)
  })

  it('stands as it is where the client says that it is whole', async () => {
    const { prompt } = await asked(CHAT, { messages: begun, continue_final_message: false })
    expect(prompt).not.toHaveProperty('answerStart')
    expect(prompt).toMatchObject({ messages: [{}, { role: 'assistant' }] })
    expect((await asked(CHAT, { messages: begun, add_generation_prompt: false }))['prompt']).toMatchObject({
      messages: [{}, { role: 'assistant' }],
      templateVariables: { add_generation_prompt: false },
    })
  })

  it('is refused where nothing is begun and the client asks to go on', async () => {
    const { status, body } = await api.post(CHAT, { model: 'tiny', messages: hi, continue_final_message: true })
    expect([status, body.error.param]).toEqual([400, 'continue_final_message'])
  })

  it('is told with it where the client wants the echo', async () => {
    await api.close()
    api = await startTestApi(async function* (request) {
      yield { ...accepted(request), promptText: 'hi\nThe sky is' } as never
      yield { type: 'text-delta', choiceIndex: 0, text: ' blue', tokens: [textToken(' blue', 1)] }
      yield { type: 'choice-end', choiceIndex: 0, finishReason: 'stop', stopString: null, completionTokens: 1 }
      yield inferenceEnd(1, 1)
    })
    const contentOf = async (echo: boolean): Promise<string> =>
      (await api.post(CHAT, { model: 'tiny', messages: begun, echo })).body.choices[0].message.content
    expect([await contentOf(true), await contentOf(false)]).toEqual(['The sky is blue', ' blue'])
  })
})

it('a chat template of the request goes with its prompt', async () => {
  expect((await asked(CHAT, { messages: hi, chat_template: '{{ messages[0].content }}' }))['prompt']).toMatchObject({
    template: '{{ messages[0].content }}',
  })
  expect((await asked('/v1/responses', { input: 'hi', chat_template: 'x' }))['prompt']).toMatchObject({ template: 'x' })
  expect((await asked(CHAT, { messages: hi, chat_template: null }))['prompt']).not.toHaveProperty('template')
})

it('a suffix says nothing to a chat', async () => {
  await asked(CHAT, { messages: hi, suffix: 'b' })
})
