import { join } from 'node:path'
import OpenAI from 'openai'
import { describe, expect, it } from 'vitest'
import { referencePrompts } from './fixtures/prompts.ts'
import { get, post } from './node/call-api.ts'
import { runProgram } from './node/run-exo.ts'
import type { RunningExo } from './node/start-exo.ts'
import { useDefaultNode } from './node/use-default-node.ts'
import { referenceAnswers, referencePython } from './reference/reference-answers.ts'

const MAX_TOKENS = 32

describe('a node with the default model', () => {
  let node: RunningExo
  let model: string
  let modelDir: string

  useDefaultNode((started) => void ({ node, model, modelDir } = started))

  it('streams an answer to the official openai client for JavaScript', async () => {
    const client = new OpenAI({ baseURL: `${node.apiUrl}/v1`, apiKey: 'unused' })
    const stream = await client.chat.completions.create({
      model,
      messages: [{ role: 'user', content: 'What is the capital of France?' }],
      temperature: 0,
      max_tokens: 64,
      stream: true,
      stream_options: { include_usage: true },
    })
    let text = ''
    let deltas = 0
    let finishReason: string | null = null
    let completionTokens = 0
    for await (const chunk of stream) {
      const choice = chunk.choices[0]
      if (choice?.delta.content) deltas += 1
      text += choice?.delta.content ?? ''
      finishReason = choice?.finish_reason ?? finishReason
      completionTokens = chunk.usage?.completion_tokens ?? completionTokens
    }
    expect(text).toContain('Paris')
    expect(deltas).toBeGreaterThan(2)
    expect(finishReason).toBe('stop')
    expect(completionTokens).toBeGreaterThan(2)
  })

  it('streams the same answer to the official openai client for Python', async () => {
    const question = 'What is the capital of France?'
    const script = join(import.meta.dirname, 'reference', 'stream_answer.py')
    const { status, stdout, stderr } = await runProgram(await referencePython(), [script, `${node.apiUrl}/v1`, model, question])
    expect(status, stderr).toBe(0)
    const whole = await post(node.apiUrl, '/v1/chat/completions', {
      model,
      messages: [{ role: 'user', content: question }],
      temperature: 0,
      max_tokens: 64,
    })
    const { text, deltas, finishReason, usage } = JSON.parse(stdout)
    expect({ text, finishReason, usage: { ...usage, prompt_tokens_details: undefined } }).toMatchObject({
      text: whole.body.choices[0].message.content,
      finishReason: 'stop',
      usage: { prompt_tokens: whole.body.usage.prompt_tokens, completion_tokens: whole.body.usage.completion_tokens },
    })
    expect(deltas).toBeGreaterThan(2)
    expect(Math.abs(whole.body.created - Date.now() / 1000)).toBeLessThan(60)
  })

  it('answers at temperature 0 as mlx-lm does on the same folder, for prompts of 1 to 1,500 tokens', { timeout: 2_000_000 }, async () => {
    const references = await referenceAnswers({ modelDir, maxTokens: MAX_TOKENS, prompts: referencePrompts })
    const settings = { model, temperature: 0, max_tokens: MAX_TOKENS, return_token_ids: true }
    const answers = []
    for (const prompt of referencePrompts) {
      if ('messages' in prompt) {
        const { body } = await post(node.apiUrl, '/v1/chat/completions', { ...settings, messages: prompt.messages })
        answers.push({
          promptTokenIds: body.prompt_token_ids,
          tokenIds: body.choices?.[0].token_ids,
          text: body.choices?.[0].message.content ?? body,
        })
      } else {
        const { body } = await post(node.apiUrl, '/v1/completions', {
          ...settings,
          prompt: 'text' in prompt ? prompt.text : prompt.tokenIds,
        })
        answers.push({
          promptTokenIds: body.choices?.[0].prompt_token_ids,
          tokenIds: body.choices?.[0].token_ids,
          text: body.choices?.[0].text ?? body,
        })
      }
    }
    const lengths = references.map(({ promptTokenIds }) => promptTokenIds.length)
    expect([Math.min(...lengths), Math.max(...lengths) > 1_400, Math.max(...lengths) <= 1_600]).toEqual([1, true, true])
    expect(answers).toEqual(references.map(({ promptTokenIds, tokenIds, text }) => ({ promptTokenIds, tokenIds, text })))
  })

  it('says who it is', async () => {
    const health = await get(node.apiUrl, '/healthz')
    const state = await get(node.apiUrl, '/state')
    expect(health.status).toBe(200)
    expect(Object.keys(state.body.nodes)).toEqual([state.body.nodeId])
    expect(Object.values(state.body.instances)).toMatchObject([{ modelId: model, status: 'ready', backend: 'local' }])
  })

  it('serves a description of itself', async () => {
    const { status, body } = await get(node.apiUrl, '/openapi.json')
    expect(status).toBe(200)
    expect(Object.keys(body.paths)).toEqual(expect.arrayContaining(['/v1/chat/completions', '/v1/completions', '/v1/models', '/state']))
  })

  it('unloads an instance and loads it again when asked', async () => {
    const before = await get(node.apiUrl, '/state')
    const [instanceId] = Object.keys(before.body.instances)
    const deleted = await fetch(`${node.apiUrl}/instance/${instanceId}`, { method: 'DELETE' })
    expect(deleted.status).toBe(200)
    await expect.poll(async () => Object.keys((await get(node.apiUrl, '/state')).body.instances), { timeout: 20_000 }).toEqual([])
    const placed = await post(node.apiUrl, '/place_instance', { model_id: model })
    expect(placed.status).toBe(200)
    const answer = await post(node.apiUrl, '/v1/completions', { model, prompt: 'The', max_tokens: 2, temperature: 0 })
    expect(answer.status).toBe(200)
  })
})
