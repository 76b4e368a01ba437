import { afterEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../platform/__fixtures__/manual-clock.ts'
import { startTestApi, type TestApi } from './__fixtures__/start-test-api.ts'
import { scriptedAnswer } from './__fixtures__/held-answer.ts'

let api: TestApi
let close: Promise<void> | null = null
afterEach(async () => {
  await (close ?? api.close())
  close = null
})

const chat = (stream: boolean) => ({ model: 'tiny', stream, messages: [{ role: 'user', content: 'x' }] })
const ask = (path: string, body: unknown): Promise<Response> =>
  fetch(api.url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })

describe('C5: an API that stops', () => {
  it('takes no new requests and lets those that run end', async () => {
    const answer = scriptedAnswer()
    api = await startTestApi(answer.script)
    const running = ask('/v1/chat/completions', chat(true))
    const whole = ask('/v1/chat/completions', chat(false))
    await answer.begun(2)
    let isDrained = false
    const drained = api.drain(20_000).then(() => (isDrained = true))
    const refused = await api.post('/v1/chat/completions', chat(false))
    expect([refused.status, refused.body.error.code, Number(refused.headers.get('retry-after')) > 0]).toEqual([503, 'node_stopping', true])
    expect(
      (await api.post('/v1/messages', { model: 'tiny', max_tokens: 1, messages: [{ role: 'user', content: 'x' }] })).body,
    ).toMatchObject({ type: 'error' })
    expect((await api.get('/v1/models')).status).toBe(503)
    expect((await api.get('/healthz')).status).toBe(200)
    expect(isDrained).toBe(false)
    answer.end()
    expect(await (await running).text()).toMatch(/"finish_reason":"stop"[\s\S]*data: \[DONE\]\n\n$/)
    expect((await whole).status).toBe(200)
    await drained
  })

  it('tells those that are too long, in the words of their API', async () => {
    const answer = scriptedAnswer()
    const clock = new ManualClock()
    api = await startTestApi(answer.script, {}, {}, {}, clock)
    const streams = [
      ask('/v1/chat/completions', chat(true)),
      ask('/v1/completions', { model: 'tiny', stream: true, prompt: 'x' }),
      ask('/v1/messages', { ...chat(true), max_tokens: 9 }),
      ask('/v1/responses', { model: 'tiny', stream: true, input: 'x' }),
      ask('/ollama/api/chat', chat(true)),
    ]
    const whole = ask('/v1/chat/completions', chat(false))
    await answer.begun(6)
    await Promise.all(streams)
    const drained = api.drain(3000)
    await clock.advance(3000)
    await drained
    close = api.close()
    const texts = await Promise.all(streams.map(async (stream) => (await stream).text()))
    expect(texts[0]).toMatch(/data: \{"error":\{.*"code":"node_stopping".*\n\ndata: \[DONE\]\n\n$/)
    expect(texts[1]).toMatch(/"code":"node_stopping".*\n\ndata: \[DONE\]\n\n$/)
    expect(texts[2]).toMatch(/event: error\ndata: \{"type":"error","error":\{.*stopping.*\n\n$/)
    expect(texts[3]).toMatch(/event: error\ndata: \{"type":"error","code":"node_stopping".*\n\n$/)
    expect(texts[4]).toMatch(/\n\{"error":".*stopping.*"\}\n$/)
    const { status, headers } = await whole
    expect([status, headers.get('retry-after')]).toEqual([503, '10'])
  })
})
