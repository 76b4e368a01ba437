import { afterEach, expect, it } from 'vitest'
import { sayWords } from '../__fixtures__/scripted-inference.ts'
import { startTestApi, type TestApi, TEST_STATE } from '../__fixtures__/start-test-api.ts'

let api: TestApi
afterEach(() => api.close())

it('GET /activity tells what came and went, newest first, and forgets the oldest', async () => {
  let state = TEST_STATE
  let tell = (): void => undefined
  api = await startTestApi(sayWords([]), {}, { state: () => state, onState: (listener: () => void) => (tell = listener) })
  const activity = async () => (await api.get('/activity')).body.activity
  expect(await activity()).toEqual([])
  const node = { name: 'studio', version: '1' }
  state = { ...TEST_STATE, nodes: { b: node } } as never
  tell()
  state = TEST_STATE
  expect(await activity()).toMatchObject([
    { id: 2, kind: 'machine-left', subject: 'studio', nodeId: 'b', atMs: expect.any(Number) },
    { id: 1, kind: 'machine-joined', subject: 'studio', nodeId: 'b' },
  ])
  for (let round = 0; round < 300; round += 1) for (state of [{ ...TEST_STATE, nodes: { b: node } } as never, TEST_STATE]) tell()
  const all = await activity()
  expect([all.length, all[0].id]).toEqual([500, 602])
})
