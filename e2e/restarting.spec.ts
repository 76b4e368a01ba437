import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { get, post } from './node/call-api.ts'
import { type RunningExo, startExo } from './node/start-exo.ts'

const model = join(import.meta.dirname, 'clients', 'model', 'trained')

describe('a node that starts again', () => {
  let dataDir = ''
  let node: RunningExo | null = null
  afterEach(async () => {
    await node?.stop()
    await rm(dataDir, { recursive: true, force: true })
  })
  const start = (): Promise<RunningExo> => startExo({ dataDir, arguments: ['--model', model, '--no-default-model'] })
  const contextOf = async ({ apiUrl }: RunningExo): Promise<unknown> => (await get(apiUrl, '/v1/models')).body.data[0].context_length

  it('knows the responses that it keeps, and the context that is set for a model, also for one that is placed by hand', async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'exo-again-'))
    node = await start()
    const own = await contextOf(node)
    expect(own).toBeGreaterThan(300)
    const answer = await fetch(`${node.apiUrl}/models/settings?model=${encodeURIComponent(model)}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ context_tokens: 300 }),
    })
    expect(answer.status).toBe(200)
    const ask = async (fields: object): Promise<any> =>
      (await post(node?.apiUrl ?? '', '/v1/responses', { model, max_output_tokens: 8, ...fields })).body
    const kept = await ask({ input: 'one' })
    const forgotten = await ask({ input: 'two', store: false })
    await node.stop()

    node = await start()
    expect(await contextOf(node)).toBe(300)
    expect((await get(node.apiUrl, `/v1/responses/${kept.id}`)).body).toEqual(kept)
    expect((await get(node.apiUrl, `/v1/responses/${forgotten.id}`)).status).toBe(404)
    expect(await ask({ input: 'three', previous_response_id: kept.id })).toMatchObject({ previous_response_id: kept.id })
    const [started] = Object.keys((await get(node.apiUrl, '/state')).body.instances)
    expect((await fetch(`${node.apiUrl}/instance/${started}`, { method: 'DELETE' })).status).toBe(200)
    expect((await post(node.apiUrl, '/place_instance', { model_id: model })).status).toBe(200)
    expect((await post(node.apiUrl, '/v1/completions', { model, prompt: 'x', max_tokens: 1 })).status).toBe(200)
    expect(await contextOf(node)).toBe(300)
  })
})
