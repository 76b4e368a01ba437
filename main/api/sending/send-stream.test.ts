import OpenAI from 'openai'
import { afterEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../platform/__fixtures__/manual-clock.ts'
import type { Script } from '../__fixtures__/scripted-inference.ts'
import { accepted, waitForAbort } from '../__fixtures__/scripted-inference.ts'
import type { TestApi } from '../__fixtures__/start-test-api.ts'
import { startTestApi } from '../__fixtures__/start-test-api.ts'

const PATH = '/v1/chat/completions'
const messages = [{ role: 'user' as const, content: 'hello' }]

let api: TestApi
afterEach(() => api.close())

const start = async (script: Script, options = {}): Promise<OpenAI> => {
  api = await startTestApi(script, options)
  return new OpenAI({ baseURL: `${api.url}/v1`, apiKey: 'none', maxRetries: 0 })
}

describe('clients that hang up', () => {
  const untilNoneOpen = async (): Promise<void> => {
    await expect.poll(() => api.inference.open.size, { timeout: 15_000 }).toBe(0)
  }
  const untilOneOpen = async (): Promise<void> => {
    await expect.poll(() => api.inference.open.size, { timeout: 15_000 }).toBe(1)
  }

  it.each([true, false])('free their slot (stream: %s)', async (stream) => {
    await start(waitForAbort)
    const hangUp = new AbortController()
    const pending = fetch(api.url + PATH, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'tiny', messages, stream }),
      signal: hangUp.signal,
    })
    await untilOneOpen()
    hangUp.abort()
    await expect(pending).rejects.toThrow('abort')
    await untilNoneOpen()
  })

  it('free their slot in the middle of a stream', async () => {
    const client = await start(async function* (request, signal) {
      yield accepted(request)
      for (;;) {
        yield { type: 'text-delta', choiceIndex: 0, text: 'more ', tokens: [] }
        await new Promise((resolve) => setTimeout(resolve, 1))
        signal.throwIfAborted()
      }
    })
    const stream = await client.chat.completions.create({ model: 'tiny', messages, stream: true })
    let seen = 0
    for await (const chunk of stream) {
      void chunk
      if ((seen += 1) === 5) break
    }
    await untilNoneOpen()
  })

  it('are not waited for when the API closes', async () => {
    await start(waitForAbort)
    const pending = api.post(PATH, { model: 'tiny', messages, stream: true }).catch((error: unknown) => error)
    await untilOneOpen()
    await api.close()
    await pending
    expect(api.inference.open.size).toBe(0)
  })
})

describe('clients that do not read', () => {
  const endless = (counter: { parts: number }): Script =>
    async function* (request, signal) {
      yield accepted(request)
      while (!signal.aborted) {
        counter.parts += 1
        yield { type: 'text-delta', choiceIndex: 0, text: 'x'.repeat(10_000), tokens: [] }
      }
    }

  it('stop the flow, and are cut off in the end', async () => {
    const counter = { parts: 0 }
    const clock = new ManualClock()
    api = await startTestApi(endless(counter), { stalledClientMs: 60_000 }, {}, {}, clock)
    const response = await fetch(api.url + PATH, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'tiny', messages, stream: true }),
    })
    // Both sockets are full once nothing more is made.
    let buffered = -1
    await expect
      .poll(
        () => {
          const before = buffered
          buffered = counter.parts
          return buffered > 0 && buffered === before
        },
        { timeout: 15_000, interval: 100 },
      )
      .toBe(true)
    await clock.advance(59_000)
    expect(api.inference.open.size).toBe(1)
    await clock.advance(1000)
    await expect.poll(() => api.inference.open.size, { timeout: 15_000 }).toBe(0)
    // The amount buffered by the two sockets and the client, not what an endless engine could produce.
    expect(counter.parts - buffered).toBeLessThan(200)
    expect(counter.parts).toBeLessThan(3000)
    await response.body?.cancel().catch(() => undefined)
  })
})
