import { afterEach, expect, it } from 'vitest'
import { scriptedAnswer } from '../__fixtures__/held-answer.ts'
import { startTestApi, type TestApi } from '../__fixtures__/start-test-api.ts'

let api: TestApi | null = null
afterEach(() => api?.close())

it('an unload lets an answer end that has just begun, before the counts of its instance tell of it', async () => {
  const held = scriptedAnswer()
  const started = await startTestApi(held.script)
  api = started
  const chat = started.post('/v1/chat/completions', { model: 'tiny', messages: [{ role: 'user', content: 'hi' }] })
  await held.begun(1)
  const unload = started.post('/api/generate', { model: 'tiny', keep_alive: 0 })
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(started.deletedInstances).toEqual([])
  held.end()
  expect((await chat).status).toBe(200)
  expect((await unload).body).toMatchObject({ done_reason: 'unload' })
  expect(started.deletedInstances).toEqual(['instance-1'])
})
