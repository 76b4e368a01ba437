import { afterEach, beforeEach, expect, it } from 'vitest'
import { sayWords } from '../__fixtures__/scripted-inference.ts'
import { startTestApi, type TestApi } from '../__fixtures__/start-test-api.ts'

let api: TestApi
beforeEach(async () => {
  api = await startTestApi(sayWords([]))
})
afterEach(() => api.close())

it('metrics are text for Prometheus, and count what was refused', async () => {
  await api.get('/nowhere')
  await api.post('/v1/chat/completions', '{')
  const { status, body, headers } = await api.get('/metrics')
  expect([status, body, headers.get('content-type')]).toEqual([200, 'refused 404,400\n', 'text/plain; version=0.0.4; charset=utf-8'])
})

it('a trace is found by the id of its request, or is not there', async () => {
  expect((await api.get('/trace/last')).body).toEqual({
    traceEvents: [{ name: 'token', ph: 'X' }],
    displayTimeUnit: 'ms',
    otherData: { requestId: 'r1' },
  })
  const missing = await api.get('/trace/r2')
  expect([missing.status, missing.body.error.code]).toEqual([404, 'trace_not_found'])
})
