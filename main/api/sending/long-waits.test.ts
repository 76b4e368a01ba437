import { Ollama } from 'ollama'
import { afterEach, describe, expect, it } from 'vitest'
import { AppError } from '../../shared/app-error.ts'
import type { InferenceRequest } from '../../shared/inference/inference.ts'
import { ManualClock } from '../../platform/__fixtures__/manual-clock.ts'
import { sayWords } from '../__fixtures__/scripted-inference.ts'
import { startTestApi, TEST_STATE, type TestApi } from '../__fixtures__/start-test-api.ts'
import { waitingComment } from './waiting-comment.ts'

const messages = [{ role: 'user', content: 'x' }]
const WHOLE = [
  [
    '/v1/chat/completions',
    { model: 'tiny', messages },
    { error: { message: 'No room.', type: 'server_error', param: null, code: 'not_enough_memory' } },
  ],
  [
    '/v1/completions',
    { model: 'tiny', prompt: 'x' },
    { error: { message: 'No room.', type: 'server_error', param: null, code: 'not_enough_memory' } },
  ],
  [
    '/v1/responses',
    { model: 'tiny', input: 'x' },
    { error: { message: 'No room.', type: 'server_error', param: null, code: 'not_enough_memory' } },
  ],
  ['/v1/messages', { model: 'tiny', max_tokens: 5, messages }, { type: 'error', error: { type: 'overloaded_error', message: 'No room.' } }],
  ['/api/chat', { model: 'tiny', stream: false, messages }, { error: 'No room.' }],
  ['/api/generate', { model: 'tiny', stream: false, prompt: 'x' }, { error: 'No room.' }],
] as const
const STREAMED = WHOLE.map(([path, body]) => [path, { ...body, stream: true }] as const)

let api: TestApi
afterEach(() => api.close())

/** A model whose load lasts until `release` is called. */
function slow(end: 'answers' | 'fails'): {
  script: (request: InferenceRequest) => ReturnType<ReturnType<typeof sayWords>>
  release: () => void
} {
  let release = (): void => undefined
  const loaded = new Promise<void>((resolve) => (release = resolve))
  return {
    release: () => release(),
    script: async function* (request) {
      await loaded
      if (end === 'fails') throw new AppError('not-enough-memory', 'No room.')
      yield* sayWords(['Par', 'is'])(request, new AbortController().signal)
    },
  }
}

async function begin(path: string, body: object): Promise<{ response: Response; first: string; rest: () => Promise<string> }> {
  const response = await fetch(api.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const reader = response.body!.getReader()
  const decoder = new TextDecoder()
  const first = decoder.decode((await reader.read()).value, { stream: true })
  const rest = async (): Promise<string> => {
    let text = ''
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return text
      text += decoder.decode(value, { stream: true })
    }
  }
  return { response, first, rest }
}

describe('G04 a long wait for a whole answer', () => {
  it.each(WHOLE)('of %s sends headers and spaces, and then the answer', async (path, body) => {
    const load = slow('answers')
    api = await startTestApi(load.script, { keepAliveMs: 20 })
    const { response, first, rest } = await begin(path, body)
    expect([response.status, response.headers.get('content-type'), first.trim()]).toEqual([200, 'application/json; charset=utf-8', ''])
    load.release()
    expect(JSON.stringify(JSON.parse(first + (await rest())))).toContain('Paris')
  })

  it.each(WHOLE)('of %s that fails tells why in its body', async (path, body, error) => {
    const load = slow('fails')
    api = await startTestApi(load.script, { keepAliveMs: 20 })
    const { first, rest } = await begin(path, body)
    load.release()
    expect(JSON.parse(first + (await rest()))).toMatchObject(error)
  })

  it('keeps its status where it fails in time', async () => {
    const load = slow('fails')
    load.release()
    api = await startTestApi(load.script, { keepAliveMs: 60_000 })
    for (const [path, body, error] of WHOLE) {
      const answer = await api.post(path, body)
      expect([answer.status, answer.body]).toMatchObject([503, error])
    }
  })

  it.each([...WHOLE.map((row) => [...row, 44_999] as const), ...STREAMED.map((row, index) => [...row, WHOLE[index]![2], 14_999] as const)])(
    'of %s, %j, keeps its status where it fails after %o within %i ms',
    async (path, body, error, waitMs) => {
      const load = slow('fails')
      const clock = new ManualClock()
      api = await startTestApi(load.script, {}, {}, {}, clock)
      const answer = api.post(path, body)
      await expect.poll(() => api.inference.open.size, { timeout: 15_000 }).toBe(1)
      await clock.advance(waitMs)
      load.release()
      const { status, body: told } = await answer
      expect([status, told]).toMatchObject([503, error])
    },
  )

  it('leaves no timer behind when the client hangs up', async () => {
    const load = slow('answers')
    api = await startTestApi(load.script, { keepAliveMs: 20 })
    const leaving = new AbortController()
    const response = await fetch(`${api.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'tiny', messages }),
      signal: leaving.signal,
    })
    leaving.abort()
    await expect(response.text()).rejects.toThrow('abort')
    load.release()
    await expect.poll(() => api.inference.open.size).toBe(0)
  })
})

describe('G05 a long wait for a stream', () => {
  it.each(STREAMED.filter(([path]) => path.startsWith('/v1')))('of %s sends comments', async (path, body) => {
    const load = slow('answers')
    api = await startTestApi(load.script, { keepAliveMs: 20 })
    const { first, rest } = await begin(path, body)
    expect(first).toMatch(path === '/v1/messages' ? /^: keep-alive\n\nevent: ping\ndata: \{"type":"ping"\}\n\n/ : /^(: keep-alive\n\n)+$/)
    load.release()
    expect(await rest()).toMatch(/Par/)
  })

  it.each(STREAMED.filter(([path]) => path.startsWith('/api')))('of %s sends spaces, which are part of no line', async (path, body) => {
    const load = slow('answers')
    api = await startTestApi(load.script, { keepAliveMs: 20 })
    const { first, rest } = await begin(path, body)
    expect(first).toMatch(/^ +$/)
    load.release()
    const lines = (first + (await rest())).split('\n')
    expect(lines.pop()).toBe('')
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ model: 'tiny' })
  })

  it('is not an error for the Ollama client, and its answer says so', async () => {
    const load = slow('fails')
    const clock = new ManualClock()
    api = await startTestApi(load.script, { keepAliveMs: 1000 }, {}, {}, clock)
    const client = new Ollama({ host: api.url })
    const read = async (): Promise<void> => {
      for await (const line of await client.chat({ model: 'tiny', messages, stream: true })) void line
    }
    const ended = expect(read()).rejects.toThrow('No room.')
    await expect.poll(() => api.inference.open.size, { timeout: 15_000 }).toBe(1)
    await clock.advance(5000)
    load.release()
    await ended
  })
})

describe('the comment of a wait', () => {
  const instance = {
    ...Object.values(TEST_STATE.instances)[0]!,
    status: 'loading' as const,
    shards: [
      {
        nodeId: 'n' as never,
        rank: 0,
        stage: 0,
        layers: { start: 0, end: 1 },
        weightBytes: 1,
        residentBytes: 0,
        loadedRatio: 0.427,
        status: 'loading',
      },
    ],
  }

  it('tells how far the load is', () => {
    expect(waitingComment({ instances: { one: instance } as never, downloads: [] }, 'TINY')).toBe(': loading org/tiny: 42 %\n\n')
    expect(waitingComment({ instances: { one: instance } as never, downloads: [] }, 'default')).toBe(': loading org/tiny: 42 %\n\n')
    expect(waitingComment(TEST_STATE, 'tiny')).toBe(': keep-alive\n\n')
  })

  it('reports the progress of its files in one line, for any name', () => {
    const download = {
      id: 'd',
      nodeId: 'n',
      modelId: 'org/b\nig',
      status: 'running',
      doneBytes: 5,
      totalBytes: 20,
      source: 'hub',
      savedBytes: 0,
      message: null,
    }
    expect(waitingComment({ instances: {}, downloads: [download as never] }, 'org/big')).toBe(': fetching org/b ig: 25 %\n\n')
  })
})
