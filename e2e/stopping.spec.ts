import { describe, expect, it } from 'vitest'
import { get, stream } from './node/call-api.ts'
import { defaultModel } from './node/default-model.ts'
import { startExo } from './node/start-exo.ts'

const question = (model: string, maxTokens: number) => ({
  model,
  prompt: 'Once upon a time',
  max_tokens: maxTokens,
  temperature: 0,
  seed: 1,
  logit_bias: { '0': -100, '2': -100 },
})

describe('C5: SIGTERM', () => {
  it('lets a running answer end, and takes no other meanwhile', async () => {
    const node = await startExo()
    const { model } = await defaultModel(node)
    let text = ''
    let finish: unknown = null
    let refused: Awaited<ReturnType<typeof get>> | null = null
    for await (const chunk of stream(node.apiUrl, '/v1/completions', { ...question(model, 60), stream: true })) {
      if (text === '') {
        process.kill(node.processId, 'SIGTERM')
        while (refused?.status !== 503) refused = await get(node.apiUrl, '/v1/models')
      }
      text += chunk.choices[0]?.text ?? ''
      finish ??= chunk.choices[0]?.finish_reason ?? null
    }
    expect([finish, text.length > 0]).toEqual(['length', true])
    expect(refused).toMatchObject({ status: 503, body: { error: { code: 'node_stopping' } } })
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await node.exited).toBe(0)
    await node.stop()
  })

  it('a second time ends it at once', async () => {
    const node = await startExo()
    const { model } = await defaultModel(node)
    let isFirst = true
    try {
      for await (const _ of stream(node.apiUrl, '/v1/completions', { ...question(model, 4000), stream: true })) {
        if (!isFirst) continue
        isFirst = false
        process.kill(node.processId, 'SIGTERM')
        setTimeout(() => process.kill(node.processId, 'SIGTERM'), 500)
      }
    } catch {
      // A second signal cuts the connection.
    }
    expect(await node.exited).toBe(143)
    await node.stop()
  })
})
