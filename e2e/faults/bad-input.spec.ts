import { describe, expect, it } from 'vitest'
import { get, post } from '../node/call-api.ts'
import type { RunningExo } from '../node/start-exo.ts'
import { useDefaultNode } from '../node/use-default-node.ts'

describe("bad input gets the right status and OpenAI's error shape, and the node goes on", () => {
  let node: RunningExo
  let model: string

  useDefaultNode((started) => void ({ node, model } = started))

  const chat = '/v1/chat/completions'
  const text = '/v1/completions'
  const messages = [{ role: 'user', content: 'Say hello.' }]
  const cases: readonly [name: string, path: string, body: (model: string) => unknown, status: number, code: RegExp, param?: string][] = [
    ['broken JSON', chat, () => '{"model": "x", ', 400, /./],
    ['an empty body', chat, () => '', 400, /./],
    ['JSON that is no object', chat, () => '[]', 400, /./],
    ['no model', chat, () => ({ messages }), 400, /missing/, 'model'],
    ['no messages', chat, (name) => ({ model: name }), 400, /missing/, 'messages'],
    ['empty messages', chat, (name) => ({ model: name, messages: [] }), 400, /./, 'messages'],
    ['messages of a wrong type', chat, (name) => ({ model: name, messages: 'hello' }), 400, /type/, 'messages'],
    ['an unknown role', chat, (name) => ({ model: name, messages: [{ role: 'wizard', content: 'x' }] }), 400, /./],
    ['content of a wrong type', chat, (name) => ({ model: name, messages: [{ role: 'user', content: 7 }] }), 400, /./],
    [
      'an image',
      chat,
      (name) => ({ model: name, messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'x' } }] }] }),
      400,
      /./,
    ],
    ['a negative max_tokens', chat, (name) => ({ model: name, messages, max_tokens: -2 }), 400, /./, 'max_tokens'],
    ['max_tokens of a wrong type', chat, (name) => ({ model: name, messages, max_tokens: 'many' }), 400, /type/, 'max_tokens'],
    ['a temperature too high', chat, (name) => ({ model: name, messages, temperature: 6 }), 400, /./, 'temperature'],
    ['a repetition penalty below 0', chat, (name) => ({ model: name, messages, repetition_penalty: -1 }), 400, /./, 'repetition_penalty'],
    ['a presence penalty below -2', chat, (name) => ({ model: name, messages, presence_penalty: -3 }), 400, /./, 'presence_penalty'],
    ['a temperature of a wrong type', chat, (name) => ({ model: name, messages, temperature: 'hot' }), 400, /type/, 'temperature'],
    ['n of zero', chat, (name) => ({ model: name, messages, n: 0 }), 400, /./, 'n'],
    ['too many top_logprobs', chat, (name) => ({ model: name, messages, logprobs: true, top_logprobs: 99 }), 400, /./, 'top_logprobs'],
    ['an unknown model', chat, () => ({ model: 'nobody/nothing', messages }), 404, /model_not_found/, 'model'],
    ['a model folder that is missing', chat, () => ({ model: '/nowhere/at/all', messages }), 404, /model_not_found/, 'model'],
    ['a prompt beyond the context', text, (name) => ({ model: name, prompt: 'word '.repeat(20_000) }), 400, /context_length_exceeded/],
    ['a token id beyond the vocabulary', text, (name) => ({ model: name, prompt: [1, 2, 99_999_999] }), 400, /./],
    ['a negative token id', text, (name) => ({ model: name, prompt: [-5] }), 400, /./],
    ['an empty list of token ids', text, (name) => ({ model: name, prompt: [] }), 400, /./],
    ['a stop of a wrong type', text, (name) => ({ model: name, prompt: 'x', stop: { a: 1 } }), 400, /./, 'stop'],
    ['a logit_bias of a wrong key', text, (name) => ({ model: name, prompt: 'x', logit_bias: { dog: 1 } }), 400, /./],
    ['place_instance without a model', '/place_instance', () => ({}), 400, /./],
    ['place_instance of an unknown model', '/place_instance', () => ({ model_id: 'nobody/nothing' }), 404, /model_not_found/],
  ]

  it.each(cases)('%s', async (_name, path, body, status, code, param) => {
    const answer = await post(node.apiUrl, path, body(model))
    expect(answer.body).toEqual({
      error: {
        message: expect.stringMatching(/\w{3,}/),
        type: expect.any(String),
        param: param ?? answer.body.error?.param,
        code: expect.stringMatching(code),
      },
    })
    expect(answer.status).toBe(status)
  })

  it('a body of 20 MB', async () => {
    const answer = await post(node.apiUrl, chat, { model, messages: [{ role: 'user', content: 'a'.repeat(20e6) }] })
    expect([400, 413]).toContain(answer.status)
    expect(answer.body.error.message).toMatch(/\w{3,}/)
  })

  it('a path that does not exist, and one asked with the wrong method', async () => {
    const missing = await get(node.apiUrl, '/v1/nothing')
    const wrongMethod = await get(node.apiUrl, chat)
    expect([missing.status, missing.body.error.type]).toEqual([404, 'invalid_request_error'])
    expect([404, 405]).toContain(wrongMethod.status)
    expect(wrongMethod.body.error.message).toMatch(/\w{3,}/)
  })

  it('an instance that does not exist', async () => {
    const response = await fetch(`${node.apiUrl}/instance/none`, { method: 'DELETE' })
    expect([response.status, ((await response.json()) as any).error.code]).toEqual([404, 'instance_not_found'])
  })

  it('after all of them the node answers', async () => {
    const answer = await post(node.apiUrl, chat, { model, messages, max_tokens: 4 })
    expect([answer.status, answer.body.choices?.length]).toEqual([200, 1])
  })
})
