import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { get, post, stream } from './node/call-api.ts'
import { defaultModel } from './node/default-model.ts'
import { type RunningExo, startExo } from './node/start-exo.ts'

const WAIT = { timeout: 60_000, interval: 100 }

describe('a node that goes to another cluster', () => {
  let node: RunningExo
  let model: string

  beforeAll(async () => {
    node = await startExo()
    ;({ model } = await defaultModel(node))
  })
  afterAll(async () => {
    await node?.stop()
  })

  it('ends the answers that run with cluster_changed, after what they have given, and answers in the new one', async () => {
    const request = {
      model,
      messages: [{ role: 'user', content: 'Write a long story about a dragon.' }],
      max_tokens: 4000,
      ignore_eos: true,
      stream: true,
    }
    let text = ''
    let joining: ReturnType<typeof post> | null = null
    const errors: unknown[] = []
    for await (const event of stream(node.apiUrl, '/v1/chat/completions', request)) {
      if ('error' in event) errors.push(event.error)
      else text += event.choices[0]?.delta.content ?? ''
      if (text.length > 20) joining ??= post(node.apiUrl, '/cluster/join', { clusterName: 'elsewhere' })
    }
    expect(errors).toMatchObject([{ code: 'cluster_changed', message: expect.stringContaining('Try again') }])
    expect(text.length).toBeGreaterThan(20)
    expect((await joining)?.body).toMatchObject({ clusterName: 'elsewhere' })
    expect((await get(node.apiUrl, '/state')).body).toMatchObject({ clusterName: 'elsewhere', instances: {} })
    const ask = async (): Promise<unknown> =>
      (await post(node.apiUrl, '/v1/completions', { model, prompt: 'The capital of France is', max_tokens: 4, temperature: 0 })).body
        .choices?.[0].text
    await expect.poll(ask, WAIT).toContain('Paris')
  })

  it('answers no request meanwhile with anything but when to come again', async () => {
    const joining = post(node.apiUrl, '/cluster/leave', {})
    const { status, body } = await post(node.apiUrl, '/v1/completions', { model, prompt: 'Hello', max_tokens: 1 })
    if (status !== 200) expect([status, body.error.code]).toEqual([503, expect.stringMatching(/^cluster_(changed|switching)$/)])
    expect((await joining).status).toBe(200)
  })
})
