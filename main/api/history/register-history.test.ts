import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startTestApi, type TestApi } from '../__fixtures__/start-test-api.ts'

describe('history routes', () => {
  let api: TestApi
  beforeEach(async () => {
    api = await startTestApi(async function* () {})
  })
  afterEach(() => api.close())

  it('lists past inferences', async () => {
    expect(await api.get('/history?model=org/tiny&since=2026-01-31T12:00:00Z&limit=5')).toMatchObject({
      status: 200,
      body: { inferences: [] },
    })
  })
  it.each([
    'limit=0',
    'limit=20000',
    'limit=x',
    'since=yesterday',
    'since=99999999999999999999',
    'since=8640000000000001',
    'since=1969-01-01T00:00:00Z',
    `model=${'x'.repeat(2000)}`,
  ])('refuses %s', async (query) => {
    expect(await api.get(`/history?${query}`)).toMatchObject({ status: 400, body: { error: { param: query.split('=')[0] } } })
  })
  it('answers SQL, and refuses an empty statement', async () => {
    expect(await api.post('/history/sql', { sql: 'SELECT 1' })).toMatchObject({
      status: 200,
      body: { columns: [], rows: [], truncated: false },
    })
    expect(await api.post('/history/sql', { sql: '' })).toMatchObject({ status: 400 })
  })
})
