import { afterEach, expect, it } from 'vitest'
import { sayWords } from '../__fixtures__/scripted-inference.ts'
import { startTestApi, type TestApi } from '../__fixtures__/start-test-api.ts'

let api: TestApi
afterEach(() => api.close())

const call = async (method: string, path: string, body?: unknown): Promise<{ status: number; body: any }> => {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(api.url + path, { method, ...(body === undefined ? {} : { headers, body: JSON.stringify(body) }) })
  return { status: response.status, body: await response.json() }
}

it('keeps presets, one of which new chats begin with', async () => {
  api = await startTestApi(sayWords([]))
  expect((await call('GET', '/chats/presets')).body).toEqual({ presets: [], defaultId: null })
  const brief = { name: 'Brief', settings: { systemPrompt: 'Be brief.', temperature: 0 } }
  await call('PUT', '/chats/presets/preset-0001', { ...brief, isDefault: true })
  const { body } = await call('PUT', '/chats/presets/preset-0002', { name: 'Long', settings: {} })
  expect([body.presets.map(({ name }: any) => name), body.defaultId]).toEqual([['Brief', 'Long'], 'preset-0001'])
  expect(body.presets[0].settings).toMatchObject({ systemPrompt: 'Be brief.', temperature: 0, topP: null })
  const renamed = (await call('PUT', '/chats/presets/preset-0001', { ...brief, name: 'Short' })).body
  expect([renamed.presets.map(({ name }: any) => name), renamed.defaultId]).toEqual([['Short', 'Long'], null])
  await call('PUT', '/chats/presets/preset-0002', { name: 'Long', settings: {}, isDefault: true })
  expect((await call('DELETE', '/chats/presets/preset-0002')).body).toMatchObject({ presets: [{ name: 'Short' }], defaultId: null })
})

it('refuses anything but presets, and more presets than a node keeps', async () => {
  api = await startTestApi(sayWords([]))
  for (const wrong of [
    { name: '', settings: {} },
    { name: 'x'.repeat(81), settings: {} },
    { name: 'x' },
    { name: 'x', settings: { temperature: 9 } },
  ])
    expect((await call('PUT', '/chats/presets/preset-0001', wrong)).status).toBe(400)
  for (let number = 0; number < 200; number += 1) await call('PUT', `/chats/presets/preset-${number + 1000}`, { name: 'x', settings: {} })
  const { status, body } = await call('PUT', '/chats/presets/preset-9999', { name: 'x', settings: {} })
  expect([status, body.error.message]).toEqual([400, 'A node keeps at most 200 presets. Delete one first.'])
  expect((await call('GET', '/chats/presets')).body.presets).toHaveLength(200)
})
