import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { get, post } from '../node/call-api.ts'
import { defaultModelFile } from '../node/default-model.ts'
import { ask, type Question } from './lab/ask.ts'
import type { ClusterNode } from './lab/cluster-node.ts'
import { Cluster } from './lab/cluster.ts'

const QUESTION: Question = { prompt: 'Once upon a time', temperature: 0, maxTokens: 8 }
const [A, B] = ['exo/first', 'exo/second']

/** F4: one node with enough memory for only one of two models. */
describe('G07 a model for which there is no room', () => {
  let cluster: Cluster
  let node: ClusterNode

  beforeAll(async () => {
    cluster = await Cluster.create(1)
    // One model with a context of 4096 tokens and its worker take 410 MB, a second one 245 MB at least.
    node = await cluster.start(1, { arguments: ['--no-default-model', '--max-memory', '480MB', '--log-level', 'info'] })
    for (const id of [A, B]) expect((await node.exo('models', 'import', defaultModelFile, '--id', id)).status).toBe(0)
  })
  afterAll(async () => {
    if (process.env['EXO_LOGS']) console.log(cluster?.output())
    await cluster?.close()
  })

  const loaded = async (): Promise<string[]> => Object.values((await node.state()).instances).map(({ modelId }) => modelId)

  it('takes the place of an idle one, again and again', async ({ onTestFailed }) => {
    onTestFailed(() => console.log(cluster.output()))
    const first = await ask(node.apiUrl, A, QUESTION)
    expect(await loaded()).toEqual([A])
    expect((await ask(node.apiUrl, B, QUESTION)).text).toBe(first.text)
    expect(await loaded()).toEqual([B])
    expect((await ask(node.apiUrl, A, QUESTION)).text).toBe(first.text)
    expect(await loaded()).toEqual([A])
  })

  it('waits for one that is busy: a request its turn, with comments, and who places it a little, and then reads its name', async ({
    onTestFailed,
  }) => {
    onTestFailed(() => console.log(cluster.output()))
    const hangUp = new AbortController()
    const question = { model: A, prompt: QUESTION.prompt, max_tokens: 4000, ignore_eos: true, stream: true }
    const busy = await fetch(`${node.apiUrl}/v1/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(question),
      signal: hangUp.signal,
    })
    await busy.body!.getReader().read()
    const waiting = fetch(`${node.apiUrl}/v1/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: B, prompt: 'x', max_tokens: 1, stream: true }),
    })
    const { status, body } = await post(node.apiUrl, '/place_instance', { model_id: B })
    expect([status, body.error.message]).toEqual([
      503,
      expect.stringMatching(/Memory is used by exo\/first \(\S+ \S+, in use: DELETE \/instance\/\S+\)/),
    ])
    expect(await loaded()).toEqual([A])
    // The stream begins with a comment once its errors need no status any more.
    const answer = await waiting
    hangUp.abort()
    expect(await answer.text()).toMatch(/^: (keep-alive|loading .*)\n\n[\s\S]*"finish_reason":"length"[\s\S]*data: \[DONE\]\n\n$/)
    expect(await loaded()).toEqual([B])
  })

  it('never unloads the model that a client keeps forever, and unloads another after the time that its request gives', async ({
    onTestFailed,
  }) => {
    onTestFailed(() => console.log(cluster.output()))
    const say = (model: string, fields: object) => post(node.apiUrl, '/v1/completions', { model, prompt: 'x', max_tokens: 1, ...fields })
    expect((await post(node.apiUrl, '/api/generate', { model: A, keep_alive: -1 })).body).toMatchObject({ done: true, done_reason: 'load' })
    const running = async () =>
      (await get(node.apiUrl, '/api/ps')).body.models as { name: string; expires_at: string; context_length: number }[]
    expect(await running()).toMatchObject([{ name: A }])
    expect(Date.parse((await running())[0]!.expires_at)).toBeGreaterThan(Date.now() + 10 * 365 * 24 * 3_600_000)
    expect((await say(B, {})).body.error.message).toMatch(/Memory is used by exo\/first \(\S+ \S+, to stay loaded/)
    expect(await loaded()).toEqual([A])
    await say(A, { ttl: 3600 })
    expect((await post(node.apiUrl, '/api/generate', { model: B, options: { num_ctx: 1024 }, keep_alive: '1h' })).body.done_reason).toBe(
      'load',
    )
    expect(await running()).toMatchObject([{ name: B, context_length: 1024 }])
    expect(
      (await post(node.apiUrl, '/api/generate', { model: B, prompt: 'x', stream: false, options: { num_ctx: 2048, num_predict: 1 } })).body
        .done,
    ).toBe(true)
    expect(await running()).toMatchObject([{ name: B, context_length: 2048 }])
    expect((await say(B, { keep_alive: '1s' })).body.choices).toHaveLength(1)
    await expect.poll(loaded, { timeout: 60_000 }).toEqual([])
    await say(A, { keep_alive: 0 })
    await expect.poll(loaded, { timeout: 60_000 }).toEqual([])
  })
})
