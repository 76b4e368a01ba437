import OpenAI from 'openai'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { AppError } from '../../../shared/app-error.ts'
import { accepted, inferenceEnd, sayWords, type Script } from '../../__fixtures__/scripted-inference.ts'
import { startTestApi, type TestApi } from '../../__fixtures__/start-test-api.ts'

const PATH = '/v1/responses'
let api: TestApi
afterEach(() => api.close())

const start = async (script: Script = sayWords(['Par', 'is'])): Promise<OpenAI> => {
  api = await startTestApi(script)
  return new OpenAI({ baseURL: `${api.url}/v1`, apiKey: 'none', maxRetries: 0 })
}

/** Sends one word, and the rest once `release` has been called. */
function halting(): { readonly script: Script; readonly release: () => void } {
  let release = (): void => undefined
  const released = new Promise<void>((resolve) => (release = resolve))
  return {
    release: () => release(),
    script: async function* (request, signal) {
      yield accepted(request)
      yield { type: 'text-delta', choiceIndex: 0, text: 'Par', tokens: [] }
      await Promise.race([released, new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))])
      yield { type: 'text-delta', choiceIndex: 0, text: 'is', tokens: [] }
      yield { type: 'choice-end', choiceIndex: 0, finishReason: 'stop', stopString: null, completionTokens: 2 }
      yield inferenceEnd(3, 2)
    },
  }
}

async function settled(client: OpenAI, id: string): Promise<OpenAI.Responses.Response> {
  return vi.waitFor(
    async () => {
      const response = await client.responses.retrieve(id)
      expect(response.status).not.toMatch(/queued|in_progress/)
      return response
    },
    { timeout: 15_000, interval: 20 },
  )
}

describe('D5 a response in the background', () => {
  it('is asked for until it is whole, and gone on from', async () => {
    const { script, release } = halting()
    const client = await start(script)
    const made = await client.responses.create({ model: 'tiny', input: 'hi', background: true })
    expect(made).toMatchObject({ background: true, output: [], status: expect.stringMatching(/queued|in_progress/) })
    expect((await client.responses.retrieve(made.id)).status).toMatch(/queued|in_progress/)
    release()
    expect(await settled(client, made.id)).toMatchObject({ status: 'completed', output_text: 'Paris', background: true })
    expect(await client.responses.create({ model: 'tiny', input: 'on', previous_response_id: made.id })).toMatchObject({
      status: 'completed',
    })
  })

  it('goes on when its stream is left, and is streamed again from any of its events on', async () => {
    const { script, release } = halting()
    const client = await start(script)
    const stream = await client.responses.create({ model: 'tiny', input: 'hi', background: true, stream: true })
    let id = ''
    let last = -1
    for await (const event of stream) {
      last = event.sequence_number
      if (event.type === 'response.created') id = event.response.id
      if (event.type === 'response.output_text.delta') break
    }
    const rest = await client.responses.retrieve(id, { stream: true, starting_after: last })
    release()
    const events: OpenAI.Responses.ResponseStreamEvent[] = []
    for await (const event of rest) events.push(event)
    expect(events.map(({ sequence_number: number }) => number)).toEqual(events.map((_, place) => last + 1 + place))
    expect(events.flatMap((event) => (event.type === 'response.output_text.delta' ? [event.delta] : []))).toEqual(['is'])
    expect(events.at(-1)).toMatchObject({ type: 'response.completed', response: { output: [{ content: [{ text: 'Paris' }] }] } })
  })

  it('says in itself why it failed', async () => {
    const client = await start(async function* (request) {
      yield accepted(request)
      throw new AppError('instance-failed', 'The worker died.')
    })
    const { id } = await client.responses.create({ model: 'tiny', input: 'hi', background: true })
    expect(await settled(client, id)).toMatchObject({ status: 'failed', error: { message: 'The worker died.' } })
  })

  it('ends when it is cancelled, and has to be stored', async () => {
    const client = await start(async function* (request, signal) {
      yield accepted(request)
      yield { type: 'text-delta', choiceIndex: 0, text: 'so', tokens: [] }
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    })
    const { id } = await client.responses.create({ model: 'tiny', input: 'hi', background: true })
    await vi.waitFor(() => expect(api.inference.open.size).toBe(1), { timeout: 15_000 })
    expect(await client.responses.cancel(id)).toMatchObject({ id, status: 'cancelled' })
    const { status, body } = await api.post(PATH, { model: 'tiny', input: 'hi', background: true, store: false })
    expect([status, body.error.param]).toEqual([400, 'background'])
  })
})

describe('the stream of a response that is whole', () => {
  it.each([true, false])('has all its events (streamed at first: %s)', async (stream) => {
    const client = await start()
    let id = ''
    if (stream)
      for await (const event of await client.responses.create({ model: 'tiny', input: 'hi', stream }))
        if (event.type === 'response.created') id = event.response.id
    if (!stream) ({ id } = await client.responses.create({ model: 'tiny', input: 'hi' }))
    const types: string[] = []
    for await (const event of await client.responses.retrieve(id, { stream: true })) types.push(event.type)
    expect(types.slice(0, 3)).toEqual(['response.created', 'response.in_progress', 'response.output_item.added'])
    expect(types.at(-1)).toBe('response.completed')
    const later = await fetch(`${api.url}${PATH}/${id}?stream=true&starting_after=${types.length - 2}`)
    expect((await later.text()).match(/^event: (.*)$/gm)).toEqual(['event: response.completed'])
    expect((await api.get(`${PATH}/${id}?stream=true&starting_after=x`)).status).toBe(400)
    await client.responses.delete(id)
    expect((await api.get(`${PATH}/${id}?stream=true`)).status).toBe(404)
  })
})
